# requires: trio
"""Trio, whose nurseries and cancel scopes are none of asyncio's."""

import trio


async def main():
    with trio.move_on_after(0.002):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 3600)
            await trio.sleep(3600)
    return await trio.to_thread.run_sync(sum, [1, 2])


def handler(event, context):
    return trio.run(main)
