"""Whoever calls an async function without awaiting gets a coroutine, and nothing happens."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor


async def audit(user):
    await asyncio.sleep(0)


async def is_active(user):
    await asyncio.sleep(0)
    return user != "mallory"


async def handler(event, context):
    mode = event.get("mode", "thread")
    if mode == "pool":
        with ThreadPoolExecutor(max_workers=1) as pool:
            pool.submit(audit, "ann")
        return None
    if mode == "timer":
        asyncio.get_running_loop().call_later(0.001, audit, "ann")
        await asyncio.sleep(0.01)
        return None
    if mode == "filter":
        active = []
        for user in filter(is_active, ["ann", "mallory"]):
            active.append(user)
        return active
    thread = threading.Thread(target=audit, args=("ann",))
    thread.start()
    thread.join()
    return None
