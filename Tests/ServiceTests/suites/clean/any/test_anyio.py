import anyio
import pytest

pytestmark = pytest.mark.anyio


async def hold(lock):
    async with lock:
        await anyio.sleep(0.001)


async def test_one(resource):
    async with anyio.create_task_group() as group:
        group.start_soon(hold, resource)
        group.start_soon(hold, resource)


async def test_two(resource):
    async with anyio.create_task_group() as group:
        group.start_soon(hold, resource)
        group.start_soon(hold, resource)


async def test_thread():
    assert await anyio.to_thread.run_sync(sum, [1, 2]) == 3


async def test_timeout():
    with pytest.raises(TimeoutError):
        with anyio.fail_after(0.01):
            await anyio.sleep(1)
