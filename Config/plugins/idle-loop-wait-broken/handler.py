"""run_coroutine_threadsafe is for a loop that runs in another thread. This one runs nowhere."""

import asyncio

loop = asyncio.new_event_loop()


async def lookup(key):
    await asyncio.sleep(0)
    return {"key": key}


def run(coroutine, timeout):
    future = asyncio.run_coroutine_threadsafe(coroutine, loop)
    return future.result(timeout)


def handler(event, context):
    mode = event["mode"]
    coroutine = lookup("a")
    try:
        return run(coroutine, None if mode == "for ever" else 0.02)
    except Exception:
        if mode == "raise":
            raise
        return None
    finally:
        coroutine.close()
