"""Fine cold, broken warm: the client outlives the loop that its connection belongs to."""

import service
from client import Client

client = Client(service.start())


async def handler(event, context):
    return {"answer": await client.ask(event.get("question", "ready?"))}
