# requires: uvloop
# info: deprecated-api
"""uvloop's policy, guarded for the systems that have no uvloop."""

import asyncio

try:
    import uvloop
except ImportError:
    pass
else:
    uvloop.install()


async def echo():
    left, right = [], []

    async def serve(reader, writer):
        right.append(await reader.readexactly(2))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write(b"hi")
    left.append(await reader.read())
    writer.close()
    server.close()
    return right[0].decode()


def handler(event, context):
    return asyncio.run(echo())
