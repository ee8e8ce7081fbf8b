"""Closes a loop that is the worker's, which is between two jobs."""

import asyncio
import concurrent.futures
import queue
import threading


class Worker(threading.Thread):
    """Runs coroutines one after the other, on a loop of its own."""

    def __init__(self):
        super().__init__(name="worker", daemon=True)
        self.loop = None
        self.jobs = queue.Queue()

    def run(self):
        self.loop = asyncio.new_event_loop()
        while True:
            coroutine, answer = self.jobs.get()
            try:
                answer.set_result(self.loop.run_until_complete(coroutine))
            except RuntimeError as error:
                coroutine.close()
                answer.set_exception(error)

    def ask(self, coroutine):
        answer = concurrent.futures.Future()
        self.jobs.put((coroutine, answer))
        return answer.result(timeout=2)


worker = Worker()
worker.start()


async def reverse(text):
    await asyncio.sleep(0)
    return {"text": text[::-1]}


def handler(event, context):
    try:
        return worker.ask(reverse(event.get("text", "drawer")))
    finally:
        if not worker.loop.is_closed():
            worker.loop.close()
