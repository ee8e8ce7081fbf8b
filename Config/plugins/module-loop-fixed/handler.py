"""Each invocation makes its loop and closes it; nothing of it is left for the next."""

import asyncio


async def greet(name):
    await asyncio.sleep(0)
    return {"greeting": "Hello, {}!".format(name)}


def handler(event, context):
    return asyncio.run(greet(event.get("name", "world")))
