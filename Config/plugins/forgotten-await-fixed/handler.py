"""Each call is awaited where it is made."""

import asyncio
import json


async def get(url):
    await asyncio.sleep(0)
    return {"url": url, "status": 200}


async def handler(event, context):
    answer = await get("/prices")
    return json.dumps({"answer": answer})
