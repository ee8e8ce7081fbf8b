"""Starts the thread that waits for jobs once, and ends what it needs for one invocation only."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

_jobs = None
_shared = ThreadPoolExecutor(max_workers=4)


def report(jobs):
    while True:
        job = jobs.get()
        job["sent"] = True
        jobs.task_done()


def send(event):
    global _jobs
    if _jobs is None:
        _jobs = queue.Queue()
        threading.Thread(target=report, args=(_jobs,), daemon=True).start()
    _jobs.put(event)
    _jobs.join()


def resize(event):
    with ThreadPoolExecutor(max_workers=2) as pool:
        names = list(pool.map(str.upper, event["names"]))
    return names + list(_shared.map(str.lower, event["names"]))


def handler(event, context):
    if "names" in event:
        return resize(event)
    send(event)
    return event
