import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import app
import pytest


async def value():
    await asyncio.sleep(0)
    return 1


def test_run():
    assert asyncio.run(value()) == 1


def test_run_again():
    assert asyncio.run(value()) == 1


def test_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert loop.run_until_complete(value()) == 1
    finally:
        asyncio.set_event_loop(None)
        loop.close()


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def kept():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


def test_fixture(loop):
    assert loop.run_until_complete(value()) == 1


@pytest.mark.parametrize("number", range(4))
def test_kept(kept, number):
    assert kept.run_until_complete(value()) == 1


def test_closed_is_refused(loop):
    loop.close()
    coroutine = value()
    with pytest.raises(RuntimeError):
        loop.run_until_complete(coroutine)
    coroutine.close()


def test_service():
    assert app.run(value()) == 1


def test_service_again():
    assert app.run(value()) == 1


def test_work():
    assert app.work(3) == 9


def test_work_again():
    assert app.work(4) == 16


def test_pool():
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(abs, [-1, 1])) == [1, 1]


def test_thread():
    thread = threading.Thread(target=lambda: asyncio.run(value()))
    thread.start()
    thread.join()


def test_no_loop_in_thread():
    errors = []

    def look():
        try:
            asyncio.get_event_loop()
        except RuntimeError as error:
            errors.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert errors


@pytest.mark.xfail
def test_expected():
    asyncio.run(fail())


async def fail():
    raise ValueError("x")


@pytest.mark.skip(reason="later")
def test_skipped():
    pass
