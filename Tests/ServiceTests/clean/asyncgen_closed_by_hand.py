"""A loop by hand whose owner shuts its generators down before it closes it."""

import asyncio


async def rows():
    while True:
        yield 1
        await asyncio.sleep(0)


def handler(event, context):
    loop = asyncio.new_event_loop()
    generator = rows()
    try:
        return loop.run_until_complete(generator.__anext__())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
