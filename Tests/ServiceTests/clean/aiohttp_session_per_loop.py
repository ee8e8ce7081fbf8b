# requires: aiohttp
"""A lazy session of the module, made anew for each loop, and closed with it."""

import asyncio

import aiohttp

_sessions = {}


async def session():
    loop = asyncio.get_running_loop()
    if loop not in _sessions:
        _sessions[loop] = aiohttp.ClientSession()
    return _sessions[loop]


async def main():
    same = await session() is await session()
    await _sessions.pop(asyncio.get_running_loop()).close()
    return same


def handler(event, context):
    return asyncio.run(main())
