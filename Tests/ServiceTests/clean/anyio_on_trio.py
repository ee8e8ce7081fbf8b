# requires: anyio trio
"""anyio with the other backend, where no loop of asyncio's is made at all."""

import anyio


async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0.001)
        await anyio.to_thread.run_sync(abs, -1)
    return "trio"


def handler(event, context):
    return anyio.run(main, backend="trio")
