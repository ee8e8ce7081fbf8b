"""Asynchronous context managers, stacked, one of which swallows an error on purpose."""

import asyncio
import contextlib


@contextlib.asynccontextmanager
async def step(log, name):
    log.append("+" + name)
    try:
        yield name
    finally:
        await asyncio.sleep(0)
        log.append("-" + name)


@contextlib.asynccontextmanager
async def forgiving(log):
    try:
        yield
    except ZeroDivisionError:
        log.append("forgiven")


async def main():
    log = []
    async with contextlib.AsyncExitStack() as stack:
        for name in "abc":
            await stack.enter_async_context(step(log, name))
        stack.push_async_callback(asyncio.sleep, 0)
    async with forgiving(log):
        log.append(1 // 0)
    return log


def handler(event, context):
    return asyncio.run(main())
