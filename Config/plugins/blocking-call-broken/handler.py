"""Calls what blocks from a coroutine: everything else that the loop should do waits, too."""

import asyncio
import hashlib
import socket
import subprocess
import threading
import time
import urllib.request


def quote(shop):
    time.sleep(0.6)
    return len(shop)


def slow_server():
    """A server of this machine that takes its time to answer one request; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        connection, _ = listener.accept()
        connection.recv(65536)
        threading.Event().wait(0.6)
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n17")
        connection.close()
        listener.close()

    threading.Thread(target=answer, daemon=True).start()
    return listener.getsockname()[1]


def sealed(password):
    return hashlib.pbkdf2_hmac("sha256", password, b"salt", 5000000).hex()


async def price(shop, mode):
    if mode == "sleep":
        return quote(shop)
    if mode == "http":
        with urllib.request.urlopen("http://127.0.0.1:{}/".format(slow_server())) as reply:
            return int(reply.read())
    if mode == "child":
        return subprocess.run(["sleep", "0.6"]).returncode
    if mode == "compute":
        return sealed(b"secret")
    try:
        quote(shop)
        raise ValueError("no price")
    except ValueError:
        return None


async def handler(event, context):
    prices = await asyncio.gather(price("a", event["mode"]), asyncio.sleep(0.01, 3))
    return prices
