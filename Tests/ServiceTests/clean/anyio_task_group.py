# requires: anyio
"""anyio's task groups and cancel scopes, which cancel and take back."""

import anyio


async def child(number, results):
    await anyio.sleep(0.001 * number)
    results.append(number)


async def main():
    results = []
    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(child, number, results)
    with anyio.move_on_after(0.005) as scope:
        await anyio.sleep(3600)
    try:
        with anyio.fail_after(0.005):
            await anyio.sleep(3600)
    except TimeoutError:
        results.append("late")
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 3600)
        await anyio.sleep(0.001)
        group.cancel_scope.cancel()
    return [*results, scope.cancel_called]


def handler(event, context):
    return anyio.run(main)
