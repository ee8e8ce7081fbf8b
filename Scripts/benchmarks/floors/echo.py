"""The least that a worker can be: it reads an event from a unix socket, calls the handler and writes the result.

`sync` calls a function, `loop` does `asyncio.run` for each. Says `ready` when somebody may connect, and serves one
client after the other until it is killed.
"""

import asyncio
import json
import socket
import sys


async def coroutine(event):
    return event


def main(kind, path):
    handlers = {"sync": lambda event: event, "loop": lambda event: asyncio.run(coroutine(event))}
    handler = handlers[kind]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    print("ready", flush=True)
    while True:
        client, _ = listener.accept()
        with client:
            while True:
                message = client.recv(65536)
                if not message:
                    break
                client.sendall(json.dumps(handler(json.loads(message))).encode() + b"\n")


main(*sys.argv[1:])
