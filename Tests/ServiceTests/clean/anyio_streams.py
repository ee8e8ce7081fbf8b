# requires: anyio
"""anyio's memory and TCP streams, events and locks."""

import anyio


async def main():
    send, receive = anyio.create_memory_object_stream(5)
    async with anyio.create_task_group() as group:
        group.start_soon(send.send, "through memory")
        text = await receive.receive()
    await send.aclose()
    await receive.aclose()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")

    async def serve(stream):
        async with stream:
            await stream.send(await stream.receive())

    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        port = listener.listeners[0].extra(anyio.abc.SocketAttribute.local_port)
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(b"through TCP")
            echoed = await stream.receive()
        group.cancel_scope.cancel()
    return [text, echoed.decode()]


def handler(event, context):
    return anyio.run(main)
