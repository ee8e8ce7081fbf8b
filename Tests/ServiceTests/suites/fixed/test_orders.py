"""The broken suite, put right."""

import asyncio
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

jobs = queue.Queue()


async def order(number):
    await asyncio.sleep(0)
    return number


async def hold(lock):
    async with lock:
        await asyncio.sleep(0.001)


async def audit():
    await asyncio.sleep(0.01)


def test_first():
    assert asyncio.run(order(1)) == 1


def test_closes_the_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert loop.run_until_complete(order(2)) == 2
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_between():
    assert order.__name__ == "order"


def test_trips_over_the_closed_loop():
    assert asyncio.run(order(3)) == 3


def test_leaks_a_loop():
    loop = asyncio.new_event_loop()
    try:
        assert loop.run_until_complete(order(4)) == 4
    finally:
        loop.close()


@pytest.mark.asyncio
async def test_binds_the_lock():
    lock = asyncio.Lock()
    await asyncio.gather(hold(lock), hold(lock))


@pytest.mark.asyncio
async def test_trips_over_the_lock():
    lock = asyncio.Lock()
    await asyncio.gather(hold(lock), hold(lock))


@pytest.mark.asyncio
async def test_leaves_a_task():
    task = asyncio.ensure_future(audit())
    await asyncio.sleep(0)
    await task


@pytest.mark.parametrize("number", range(3))
def test_leaves_a_pool(number):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(abs, -number).result() == number


def test_leaves_a_thread():
    thread = threading.Thread(target=jobs.get, name="jobs")
    thread.start()
    jobs.put(None)
    thread.join()
