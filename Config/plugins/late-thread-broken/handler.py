"""Work in threads outlives the loop to which it reports."""

import asyncio
import concurrent.futures
import threading


async def store(result):
    await asyncio.sleep(0)


def report(loop, may_go_on, way):
    may_go_on.wait(2)
    if way == "callback":
        try:
            loop.call_soon_threadsafe(print, "done")
        except RuntimeError:
            pass
    elif way == "coroutine":
        coroutine = store("done")
        try:
            asyncio.run_coroutine_threadsafe(coroutine, loop)
        except RuntimeError:
            coroutine.close()


async def begin(way, may_go_on, pool):
    loop = asyncio.get_running_loop()
    if way == "executor":
        loop.run_in_executor(pool, may_go_on.wait, 2)
        return None
    thread = threading.Thread(target=report, args=(loop, may_go_on, way))
    thread.start()
    return thread


def handler(event, context):
    way = event.get("way", "callback")
    may_go_on = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        loop = asyncio.new_event_loop()
        thread = loop.run_until_complete(begin(way, may_go_on, pool))
        loop.close()
        may_go_on.set()
    if thread is not None:
        thread.join()
    return {"way": way}
