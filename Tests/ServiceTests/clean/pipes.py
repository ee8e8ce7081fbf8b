# info: windows-unsafe
"""A pipe as a stream."""

import asyncio
import os


async def main():
    loop = asyncio.get_running_loop()
    reading, writing = os.pipe()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", 0)
    )
    with os.fdopen(writing, "wb", 0) as pipe:
        pipe.write(b"through the pipe")
    text = await reader.read()
    transport.close()
    await asyncio.sleep(0)
    return text.decode()


def handler(event, context):
    return asyncio.run(main())
