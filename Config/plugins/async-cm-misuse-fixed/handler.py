"""async with for what is asynchronous, and await before it for what a coroutine returns."""

import asyncio


class Session:
    async def __aenter__(self):
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *error):
        await asyncio.sleep(0)

    async def get(self):
        return "found"


async def acquire():
    return Session()


async def fetch():
    async with Session() as session:
        return await session.get()


async def fetch_from_pool():
    async with await acquire() as session:
        return await session.get()


async def handler(event, context):
    return [await fetch(), await fetch_from_pool()]
