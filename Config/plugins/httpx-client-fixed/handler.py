"""The client lives in the coroutine, and its connections are closed with it."""

import asyncio

import httpx
import service

url = service.start()


async def ask():
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.get(url)
        return response.text


def handler(event, context):
    return asyncio.run(ask())
