"""Fine cold, broken warm: the client keeps a connection that belongs to the loop of the first asyncio.run."""

import asyncio

import httpx
import service

url = service.start()
client = httpx.AsyncClient(trust_env=False)


async def ask():
    response = await client.get(url)
    return response.text


def handler(event, context):
    try:
        return asyncio.run(ask())
    except RuntimeError:
        if event.get("swallow"):
            return None
        raise
