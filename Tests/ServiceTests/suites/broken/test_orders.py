"""Passes test by test, and not as a whole."""

import asyncio
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

lock = asyncio.Lock()
jobs = queue.Queue()
pools = []


async def order(number):
    await asyncio.sleep(0)
    return number


async def hold():
    async with lock:
        await asyncio.sleep(0.001)


async def audit():
    await asyncio.sleep(10)


def test_first():
    assert asyncio.run(order(1)) == 1


def test_closes_the_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    assert loop.run_until_complete(order(2)) == 2
    loop.close()


def test_between():
    assert order.__name__ == "order"


def test_trips_over_the_closed_loop():
    loop = asyncio.get_event_loop_policy().get_event_loop()
    work = order(3)
    try:
        assert loop.run_until_complete(work) == 3
    finally:
        work.close()


def test_leaks_a_loop():
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(order(4)) == 4


@pytest.mark.asyncio
async def test_binds_the_lock():
    await asyncio.gather(hold(), hold())


@pytest.mark.asyncio
async def test_trips_over_the_lock():
    await asyncio.gather(hold(), hold())


@pytest.mark.asyncio
async def test_leaves_a_task():
    asyncio.ensure_future(audit())
    await asyncio.sleep(0)


@pytest.mark.parametrize("number", range(3))
def test_leaves_a_pool(number):
    pool = ThreadPoolExecutor(1)
    pools.append(pool)
    assert pool.submit(abs, -number).result() == number


def test_leaves_a_thread():
    threading.Thread(target=jobs.get, name="jobs").start()
