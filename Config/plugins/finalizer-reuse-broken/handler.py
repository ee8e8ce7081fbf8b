"""The client's finalizer closes a connection of a loop that is closed already; Python only prints the error."""

import asyncio

import service

address = service.start()


class Client:
    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    def __del__(self):
        self._writer.close()

    async def ask(self, question):
        self._writer.write(question.encode() + b"\n")
        return (await self._reader.readline()).decode().rstrip()


async def connect():
    client = Client(*await asyncio.open_connection(*address))
    return client, await client.ask("ready?")


def handler(event, context):
    client, answer = asyncio.run(connect())
    return {"answer": answer}
