"""Fine cold, broken warm: the session belongs to the loop of the first invocation, which the host has closed."""

import aiohttp
import service

url = service.start()
_session = None


def session():
    global _session
    if _session is None:
        _session = aiohttp.ClientSession()
    return _session


async def handler(event, context):
    try:
        async with session().get(url) as response:
            return await response.text()
    except Exception:
        if event.get("swallow"):
            return None
        raise
