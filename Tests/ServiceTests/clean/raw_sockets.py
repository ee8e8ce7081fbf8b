"""The loop's sock_* methods and add_reader, on sockets that are closed afterwards."""

import asyncio
import socket


async def handler(event, context):
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    with left, right:
        left.setblocking(False)
        right.setblocking(False)
        await loop.sock_sendall(left, b"one")
        first = await loop.sock_recv(right, 10)
        readable = loop.create_future()
        loop.add_reader(right, readable.set_result, None)
        try:
            await loop.sock_sendall(left, b"two")
            await readable
        finally:
            loop.remove_reader(right)
        return (first + right.recv(10)).decode()
