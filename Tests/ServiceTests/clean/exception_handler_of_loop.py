"""An exception handler of the user's own, and errors that are reported to it by hand."""

import asyncio


async def handler(event, context):
    loop, seen = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda loop, what: seen.append(what["message"]))
    try:
        loop.call_exception_handler({"message": "Task was destroyed but it is pending!"})
        loop.call_soon(lambda: 1 // 0)
        await asyncio.sleep(0.001)
    finally:
        loop.set_exception_handler(None)
    return len(seen)
