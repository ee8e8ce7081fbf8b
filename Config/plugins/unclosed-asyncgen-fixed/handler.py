"""Ends the generator before it leaves it; asyncio.run() would do so, too."""

import asyncio

borrowed = 0


async def rows():
    global borrowed
    borrowed += 1
    try:
        for row in range(10):
            await asyncio.sleep(0)
            yield row
    finally:
        borrowed -= 1


async def first():
    found = rows()
    try:
        async for row in found:
            return row
    finally:
        await found.aclose()


def handler(event, context):
    return {"row": asyncio.run(first()), "borrowed": borrowed}
