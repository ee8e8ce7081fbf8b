"""asyncio's debug mode, which keeps tracebacks of everything and checks threads."""

import asyncio


async def work():
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.001, future.set_result, "debugged")
    return await future


def handler(event, context):
    return asyncio.run(work(), debug=True)
