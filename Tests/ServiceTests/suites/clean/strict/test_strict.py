import asyncio
import contextlib

import pytest
import pytest_asyncio


@pytest_asyncio.fixture
async def queue():
    queue = asyncio.Queue()
    task = asyncio.create_task(drain(queue))
    yield queue
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def drain(queue):
    while True:
        await queue.get()
        queue.task_done()


@pytest_asyncio.fixture
async def server():
    async def serve(reader, writer):
        writer.write(await reader.readline())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()
    server.close()
    await server.wait_closed()


@pytest.mark.asyncio
async def test_queue(queue):
    await queue.put(1)
    await queue.join()


@pytest.mark.asyncio
async def test_server(server):
    reader, writer = await asyncio.open_connection(*server)
    writer.write(b"hello\n")
    assert await reader.readline() == b"hello\n"
    writer.close()
    await writer.wait_closed()


@pytest.mark.asyncio
async def test_thread():
    loop = asyncio.get_running_loop()
    assert await loop.run_in_executor(None, sum, [1, 2]) == 3


@pytest.mark.asyncio
async def test_cancel():
    task = asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.asyncio
async def test_timeout():
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)


@pytest.mark.asyncio
@pytest.mark.parametrize("number", range(3))
async def test_many(number):
    assert await asyncio.gather(*(asyncio.sleep(0, i) for i in range(number))) == list(range(number))


@pytest.mark.asyncio
async def test_nested_is_refused():
    coroutine = asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        asyncio.run(coroutine)
    coroutine.close()


@pytest.mark.asyncio
async def test_failing_task_is_looked_at():
    async def fail():
        raise ValueError("x")

    task = asyncio.create_task(fail())
    with pytest.raises(ValueError):
        await task
