"""Worker threads without a loop run their own with asyncio.run, and are joined."""

import asyncio
import threading


def handler(event, context):
    results = []

    def work(number):
        results.append(asyncio.run(asyncio.sleep(0.001, number)))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)
