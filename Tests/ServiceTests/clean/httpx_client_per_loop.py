# requires: httpx
"""A module-level client that is made anew for each loop, and closed when its loop ends."""

import asyncio

import httpx

_client = None


def client():
    global _client
    if _client is None or _client.is_closed:
        transport = httpx.MockTransport(lambda request: httpx.Response(200, text="mocked"))
        _client = httpx.AsyncClient(transport=transport)
    return _client


async def main():
    try:
        return (await client().get("http://there/")).text
    finally:
        await client().aclose()


def handler(event, context):
    return asyncio.run(main())
