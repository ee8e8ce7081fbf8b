# requires: anyio
"""anyio's worker threads, which call back into the loop that waits for them."""

import anyio
import anyio.from_thread
import anyio.to_thread


def work(number):
    anyio.from_thread.run(anyio.sleep, 0.001)
    return anyio.from_thread.run_sync(abs, -number)


async def handler(event, context):
    results = []

    async def one(number):
        results.append(await anyio.to_thread.run_sync(work, number))

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(one, number)
    return sorted(results)
