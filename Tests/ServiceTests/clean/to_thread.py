# python: >=3.9
"""A blocking call where it belongs, and a context variable that comes along."""

import asyncio
import contextvars
import time

request = contextvars.ContextVar("request", default="none")


def blocking():
    time.sleep(0.12)
    return request.get()


async def main(name):
    request.set(name)
    return await asyncio.to_thread(blocking)


def handler(event, context):
    return asyncio.run(main("this one"))
