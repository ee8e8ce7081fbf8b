"""Works the first time, fails every time after: the loop is made once and closed by the first invocation."""

import asyncio

loop = asyncio.new_event_loop()


async def greet(name):
    await asyncio.sleep(0)
    return {"greeting": "Hello, {}!".format(name)}


def handler(event, context):
    coroutine = greet(event.get("name", "world"))
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
        loop.close()
