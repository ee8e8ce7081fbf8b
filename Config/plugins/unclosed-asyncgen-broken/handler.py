"""The connection of the rows is never given back: the generator's loop is closed before it can end."""

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


async def first(found):
    async for row in found:
        return row


def handler(event, context):
    loop = asyncio.new_event_loop()
    found = rows()
    try:
        return {"row": loop.run_until_complete(first(found)), "borrowed": borrowed}
    finally:
        loop.close()
