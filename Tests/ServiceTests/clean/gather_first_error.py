"""gather that raises the first of several exceptions; those of the rest are gather's, and no one's oversight."""

import asyncio


async def fail(number):
    await asyncio.sleep(0)
    raise ValueError("number {}".format(number))


async def main():
    try:
        await asyncio.gather(*(fail(number) for number in range(3)))
    except ValueError as error:
        return str(error)


def handler(event, context):
    return asyncio.run(main())
