"""What no running loop allows: another one in its thread, itself once more, and its own end."""

import asyncio

loop = asyncio.new_event_loop()


async def work():
    return 7


async def handler(event, context):
    found = []
    coroutine = work()
    for act in (
        lambda: loop.run_until_complete(coroutine),
        lambda: asyncio.get_event_loop().run_until_complete(coroutine),
        asyncio.get_running_loop().close,
    ):
        try:
            found.append(act())
        except RuntimeError as error:
            found.append(str(error))
    coroutine.close()
    return found
