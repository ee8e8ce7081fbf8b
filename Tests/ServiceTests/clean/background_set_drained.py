"""Fire-and-forget as the documentation has it, with the set drained before the answer."""

import asyncio

_background = set()


def start(coroutine):
    task = asyncio.get_running_loop().create_task(coroutine)
    _background.add(task)
    task.add_done_callback(_background.discard)


async def main():
    for number in range(5):
        start(asyncio.sleep(0.001 * number))
    await asyncio.sleep(0)
    while _background:
        await asyncio.gather(*_background)
    return len(_background)


def handler(event, context):
    return asyncio.run(main())
