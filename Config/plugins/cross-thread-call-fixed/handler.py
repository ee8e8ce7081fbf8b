"""A worker thread hands what it has to the loop's thread."""

import asyncio
import threading


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    return thread


async def note(done):
    done.append(True)


async def work(mode):
    loop = asyncio.get_running_loop()
    if mode == "future":
        future = loop.create_future()

        def finish():
            loop.call_soon_threadsafe(future.set_result, "done")

        in_thread(finish)
        return await future
    if mode == "queue":
        queue = asyncio.Queue()

        def put():
            loop.call_soon_threadsafe(queue.put_nowait, "done")

        return (await asyncio.gather(queue.get(), loop.run_in_executor(None, put)))[0]
    done = []

    def begin():
        asyncio.run_coroutine_threadsafe(note(done), loop)

    in_thread(begin)
    await asyncio.sleep(0.01)
    return "done"


def stop_soon():
    loop = asyncio.new_event_loop()

    def end():
        loop.call_soon_threadsafe(loop.stop)

    loop.call_soon(in_thread, end)
    loop.run_forever()
    loop.close()
    return "done"


def handler(event, context):
    return stop_soon() if event["mode"] == "stop" else asyncio.run(work(event["mode"]))
