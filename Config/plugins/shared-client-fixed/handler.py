"""The client lives as long as the loop: made in the invocation, and closed in it."""

import service
from client import Client

address = service.start()


async def handler(event, context):
    client = Client(address)
    try:
        return {"answer": await client.ask(event.get("question", "ready?"))}
    finally:
        await client.close()
