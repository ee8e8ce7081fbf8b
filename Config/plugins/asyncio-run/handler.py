"""The plainest right way for a `def` handler."""

import asyncio


async def square(number):
    await asyncio.sleep(0)
    return number * number


async def squares(numbers):
    return await asyncio.gather(*(square(number) for number in numbers))


def handler(event, context):
    return {"squares": asyncio.run(squares(event.get("numbers", [1, 2, 3])))}
