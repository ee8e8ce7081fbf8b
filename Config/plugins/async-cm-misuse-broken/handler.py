"""A session that has to be entered with async with, and a pool whose acquire() has to be awaited first."""

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
    with Session() as session:
        return await session.get()


async def fetch_from_pool():
    connection = acquire()
    try:
        async with connection as session:
            return await session.get()
    finally:
        connection.close()


async def handler(event, context):
    mode = event.get("mode", "raise")
    if mode == "pool":
        return await fetch_from_pool()
    if mode == "raise":
        return await fetch()
    try:
        return await fetch()
    except Exception as error:
        if mode == "wrap":
            raise LookupError("nothing found") from error
        return None
