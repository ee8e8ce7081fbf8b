"""asyncio.run at import; what it raises, asked in an `async def` handler."""

import asyncio


async def work():
    return 7


coroutine = work()
try:
    found = asyncio.run(coroutine)
except RuntimeError as error:
    found = str(error)
coroutine.close()


async def handler(event, context):
    return found
