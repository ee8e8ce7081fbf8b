"""The bare fork: an interpreter that has imported some modules forks, and the child imports a handler and answers.

    fork.py MODULES HANDLER FOLDER COUNT AT_ONCE [ahead]

Prints nanoseconds from the request to the child's answer over a socket (to the last answer of AT_ONCE children), p50
over COUNT times. With `ahead` the children are forked beforehand, have run an empty loop, and wait.
"""

import asyncio
import gc
import importlib
import json
import os
import socket
import sys
import time

EVENT = b'{"id": 7, "kind": "order", "items": [1, 2, 3], "note": "seventy bytes"}'


async def nothing():
    pass


def child(end, name, folder, is_ahead):
    if is_ahead:
        # Pages are copied by the first loop that a child runs; one that waits can have that behind it.
        asyncio.run(nothing())
        end.sendall(b"r")
    event = json.loads(end.recv(4096))
    sys.path.insert(0, folder)
    result = importlib.import_module(name).handler(event, None)
    end.sendall(json.dumps(result).encode())
    os._exit(0)


def fork(name, folder, is_ahead):
    ours, theirs = socket.socketpair()
    process = os.fork()
    if process == 0:
        try:
            ours.close()
            child(theirs, name, folder, is_ahead)
        finally:
            os._exit(1)
    theirs.close()
    return process, ours


def once(name, folder, at_once, is_ahead):
    children = []
    if is_ahead:
        children = [fork(name, folder, True) for _ in range(at_once)]
        for _, end in children:
            end.recv(1)
    begun = time.perf_counter_ns()
    for _ in range(at_once - len(children)):
        children.append(fork(name, folder, False))
        children[-1][1].sendall(EVENT)
    if is_ahead:
        for _, end in children:
            end.sendall(EVENT)
    for _, end in children:
        if not end.recv(4096):
            raise SystemExit("a child did not answer")
    took = time.perf_counter_ns() - begun
    for process, end in children:
        end.close()
        os.waitpid(process, 0)
    return took


def main(modules, name, folder, count, at_once, mode=""):
    for module in filter(None, modules.split(",")):
        importlib.import_module(module)
    asyncio.run(nothing())
    gc.collect()
    gc.disable()
    gc.freeze()
    times = sorted(once(name, folder, int(at_once), mode == "ahead") for _ in range(int(count) + 1))
    print(json.dumps({"p50": times[len(times) // 2]}))


main(*sys.argv[1:])
