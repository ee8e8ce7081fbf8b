# requires: aiofiles
"""Files by way of threads, closed by their async with."""

import asyncio
import tempfile

import aiofiles


async def main(path):
    async with aiofiles.open(path, "w") as file:
        await file.write("written")
    async with aiofiles.open(path) as file:
        return await file.read()


def handler(event, context):
    with tempfile.NamedTemporaryFile() as file:
        return asyncio.run(main(file.name))
