"""Keeps the result; the coroutine is awaited once, and dropped."""

import asyncio

_settings = None


async def load_settings():
    await asyncio.sleep(0)  # a request to the parameter store
    return {"retries": 3}


async def settings():
    global _settings
    if _settings is None:
        _settings = await load_settings()
    return _settings


async def handler(event, context):
    return await settings()
