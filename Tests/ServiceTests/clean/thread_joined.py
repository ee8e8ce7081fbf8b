"""Threads that have ended before the answer."""

import threading


def handler(event, context):
    results = []
    threads = [threading.Thread(target=results.append, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results)
