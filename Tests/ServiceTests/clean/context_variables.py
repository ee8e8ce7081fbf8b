"""Context variables of tasks, callbacks and contexts run by hand."""

import asyncio
import contextvars

user = contextvars.ContextVar("user", default="nobody")


async def who(name):
    token = user.set(name)
    try:
        await asyncio.sleep(0.001)
        return user.get()
    finally:
        user.reset(token)


async def handler(event, context):
    names = await asyncio.gather(who("ada"), who("grace"))
    seen = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(lambda: seen.set_result(user.get()))
    return [*names, await seen, contextvars.copy_context().run(user.get)]
