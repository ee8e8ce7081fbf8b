"""Tasks whose exceptions are caught inside of them, or asked for with exception()."""

import asyncio


async def catch():
    try:
        await asyncio.sleep(0)
        raise ValueError("inside")
    except ValueError as error:
        return str(error)


async def fail():
    raise KeyError("asked for")


async def handler(event, context):
    caught, failed = asyncio.ensure_future(catch()), asyncio.ensure_future(fail())
    await asyncio.wait([caught, failed])
    return [caught.result(), str(failed.exception())]
