"""Helpers make async code callable from anywhere; under an async route one is refused, the other stops the server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


async def load(user):
    await asyncio.sleep(1)
    return {"user": user}


def run_on_new_loop(coroutine):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


def run_in_thread(coroutine):
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def handler(event, context):
    if event.get("mode") == "thread":
        return run_in_thread(load("ann"))
    return run_on_new_loop(load("ann"))
