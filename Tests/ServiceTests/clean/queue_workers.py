"""Workers that wait for ever at a queue, until the queue is joined and they are cancelled and awaited."""

import asyncio


async def worker(queue, results):
    while True:
        number = await queue.get()
        try:
            results.append(number * number)
            await asyncio.sleep(0)
        finally:
            queue.task_done()


async def main():
    queue, results = asyncio.Queue(), []
    workers = [asyncio.ensure_future(worker(queue, results)) for _ in range(3)]
    for number in range(6):
        queue.put_nowait(number)
    await queue.join()
    for each in workers:
        each.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    return sorted(results)


def handler(event, context):
    return asyncio.run(main())
