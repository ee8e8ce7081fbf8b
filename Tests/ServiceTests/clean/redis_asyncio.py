# requires: redis
"""redis.asyncio with a pool, a pipeline and a client that is closed, against a small server of the handler's own."""

import asyncio

import redis.asyncio


async def serve(reader, writer):
    data = {}
    while True:
        head = await reader.readline()
        if not head:
            break
        words = []
        for _ in range(int(head[1:])):
            await reader.readline()
            words.append((await reader.readline()).strip().decode())
        if words[0] == "SET":
            data[words[1]] = words[2]
            writer.write(b"+OK\r\n")
        elif words[0] == "GET":
            value = data.get(words[1], "").encode()
            writer.write(b"$%d\r\n%s\r\n" % (len(value), value))
        else:
            writer.write(b"+OK\r\n")
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = redis.asyncio.Redis(port=server.sockets[0].getsockname()[1], decode_responses=True)
    try:
        await client.set("key", "value")
        async with client.pipeline(transaction=False) as pipeline:
            pipeline.set("other", "1")
            pipeline.get("other")
            piped = await pipeline.execute()
        return [await client.get("key"), str(piped)]
    finally:
        await client.aclose()
        await client.connection_pool.disconnect()
        server.close()
        await server.wait_closed()


def handler(event, context):
    return asyncio.run(main())
