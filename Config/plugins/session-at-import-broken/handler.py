"""Written as one writes requests.Session(): the session asks for the loop that runs, and at import none does."""

import aiohttp

session = aiohttp.ClientSession()


async def handler(event, context):
    async with session.get(event["url"]) as response:
        return await response.text()
