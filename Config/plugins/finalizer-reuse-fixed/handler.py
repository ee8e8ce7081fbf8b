"""Closes the connection on its loop, and leaves the finalizer nothing to do."""

import asyncio

import service

address = service.start()


class Client:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def ask(self, question):
        self._writer.write(question.encode() + b"\n")
        return (await self._reader.readline()).decode().rstrip()

    async def close(self):
        self._writer.close()
        await self._writer.wait_closed()


async def work():
    client = Client(*await asyncio.open_connection(*address))
    try:
        return await client.ask("ready?")
    finally:
        await client.close()


def handler(event, context):
    return {"answer": asyncio.run(work())}
