import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

_loop = None
_pool = ThreadPoolExecutor(2)


def loop():
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
        threading.Thread(target=_loop.run_forever, daemon=True).start()
    return _loop


def run(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, loop()).result(5)


def work(number):
    return _pool.submit(pow, number, 2).result()
