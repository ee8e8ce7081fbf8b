"""A synchronous library that runs asyncio inside, installed beside the handler with pip install --target."""

import asyncio

loop = asyncio.new_event_loop()


async def _ask(question):
    await asyncio.sleep(0)
    return {"question": question, "rows": 3}


def query(question):
    coroutine = _ask(question)
    try:
        return loop.run_until_complete(coroutine)
    finally:
        coroutine.close()
