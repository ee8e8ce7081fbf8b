"""Asks a service over a connection of its own each time, and never closes it."""

import asyncio

import service

_port = service.start()


async def ask(question):
    reader, writer = await asyncio.open_connection("127.0.0.1", _port)
    writer.write(question.encode() + b"\n")
    await writer.drain()
    return (await reader.readline()).decode().strip()


def handler(event, context):
    return asyncio.run(ask(event.get("question", "ready?")))
