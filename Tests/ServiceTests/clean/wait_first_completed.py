"""The first of several answers wins; the others are cancelled and awaited."""

import asyncio


async def ask(seconds):
    await asyncio.sleep(seconds)
    return seconds


async def main():
    asked = [asyncio.ensure_future(ask(seconds)) for seconds in (0.001, 3600, 7200)]
    done, pending = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.wait(pending)
    return [task.result() for task in done]


def handler(event, context):
    return asyncio.run(main())
