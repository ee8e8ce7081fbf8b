"""Results in the order in which they come."""

import asyncio


async def work(number):
    await asyncio.sleep(0.001 * number)
    return number


async def main():
    return [await each for each in asyncio.as_completed([work(number) for number in (3, 1, 2)])]


def handler(event, context):
    return asyncio.run(main())
