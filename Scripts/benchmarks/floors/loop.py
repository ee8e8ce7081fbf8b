"""The bare loop: a handler called again and again in one interpreter, with nobody around it.

Prints nanoseconds of a call, p50 and p99. `sync` reads the event from JSON, calls, and writes the result as JSON;
`loop` does `asyncio.run` for each; `debug` does that in asyncio's debug mode.
"""

import asyncio
import json
import sys
import time


async def coroutine(event):
    return event


def main(kind, count, text):
    handlers = {
        "sync": lambda event: event,
        "loop": lambda event: asyncio.run(coroutine(event)),
        "debug": lambda event: asyncio.run(coroutine(event), debug=True),
    }
    handler, count, clock = handlers[kind], int(count), time.perf_counter_ns
    times = []
    for _ in range(count + count // 10):
        begun = clock()
        json.dumps(handler(json.loads(text)))
        times.append(clock() - begun)
    times = sorted(times[count // 10 :])
    print(json.dumps({"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100]}))


main(*sys.argv[1:])
