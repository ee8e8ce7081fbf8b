import asyncio

import pytest
import pytest_asyncio

shared = []


async def service(stop):
    await stop.wait()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client():
    stop = asyncio.Event()
    task = asyncio.create_task(service(stop))
    lock = asyncio.Lock()
    yield lock
    stop.set()
    await task


async def hold(lock):
    async with lock:
        await asyncio.sleep(0)


@pytest.mark.asyncio(loop_scope="module")
async def test_first(client):
    shared.append(asyncio.get_running_loop())
    await asyncio.gather(hold(client), hold(client))


@pytest.mark.asyncio(loop_scope="module")
async def test_second(client):
    assert shared[0] is asyncio.get_running_loop()
    await asyncio.gather(hold(client), hold(client))


@pytest.mark.asyncio(loop_scope="module")
async def test_third(client):
    await asyncio.sleep(0)


@pytest.mark.asyncio
async def test_of_its_own():
    assert asyncio.get_running_loop() is not shared[0]


@pytest.mark.asyncio(loop_scope="session")
async def test_session_1():
    await asyncio.sleep(0)


@pytest.mark.asyncio(loop_scope="session")
async def test_session_2():
    await asyncio.sleep(0)


def test_sync():
    pass


@pytest.mark.asyncio(loop_scope="class")
class TestClass:
    async def test_a(self):
        await asyncio.sleep(0)

    async def test_b(self):
        await asyncio.sleep(0)
