"""The session is made where a loop runs, and lives as long as that loop."""

import aiohttp
import service

url = service.start()


async def handler(event, context):
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            return await response.text()
