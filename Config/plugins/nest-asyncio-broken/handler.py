"""As in many answers on the web: nest_asyncio makes the error go away. uvloop's loops it cannot patch."""

import asyncio

import nest_asyncio


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def find(key):
    nest_asyncio.apply()
    return asyncio.run(lookup(key))


async def handler(event, context):
    return find("a")
