"""The session is entered with async with, in the invocation that uses it."""

import aiohttp
import service

url = service.start()


async def handler(event, context):
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            return await response.text()
