"""A worker thread talks to the loop as if it were its own."""

import asyncio
import threading
import time


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    return thread


async def note(done):
    done.append(True)


async def work(mode):
    loop = asyncio.get_running_loop()
    keep_awake = loop.call_later(0.1, lambda: None)
    if mode == "future":
        future = loop.create_future()

        def finish():
            time.sleep(0.02)
            future.set_result("done")

        in_thread(finish)
        await future
    elif mode == "queue":
        queue = asyncio.Queue()

        def put():
            time.sleep(0.02)
            queue.put_nowait("done")

        await asyncio.gather(queue.get(), loop.run_in_executor(None, put))
    else:
        done = []

        def begin():
            loop.create_task(note(done))

        in_thread(begin).join()
        await asyncio.sleep(0.01)
    keep_awake.cancel()
    return "done"


def stop_soon():
    loop = asyncio.new_event_loop()

    def end():
        loop.stop()

    loop.call_later(0.1, lambda: None)
    loop.call_soon(in_thread, end)
    loop.run_forever()
    loop.close()
    return "done"


def handler(event, context):
    return stop_soon() if event["mode"] == "stop" else asyncio.run(work(event["mode"]))
