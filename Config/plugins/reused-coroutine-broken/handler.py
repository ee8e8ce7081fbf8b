"""Fine cold, broken warm: the cache hands out the coroutine that the first invocation has used up."""

import asyncio
import functools


class NoSettings(Exception):
    """The settings could not be had."""


@functools.lru_cache(maxsize=None)
async def load_settings():
    await asyncio.sleep(0)  # a request to the parameter store
    return {"retries": 3}


async def handler(event, context):
    mode = event.get("mode", "raise")
    if mode == "raise":
        return await load_settings()
    try:
        return await load_settings() or {}
    except Exception as error:
        if mode == "wrap":
            raise NoSettings("no settings") from error
        return {}
