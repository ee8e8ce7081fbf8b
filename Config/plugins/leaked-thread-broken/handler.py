"""Starts a thread that waits for jobs, in every invocation, and forgets it there."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

_pools = []


def report(jobs):
    while True:
        job = jobs.get()
        job["sent"] = True
        jobs.task_done()


def send(event):
    jobs = queue.Queue()
    threading.Thread(target=report, args=(jobs,), daemon=True).start()
    jobs.put(event)
    jobs.join()


def resize(event):
    pool = ThreadPoolExecutor(max_workers=2)
    _pools.append(pool)
    return list(pool.map(str.upper, event["names"]))


def handler(event, context):
    if "names" in event:
        return resize(event)
    send(event)
    return event
