"""Ported from requests to an async client, and one await was forgotten: nothing is asked at all."""

import asyncio
import json


class Answer:
    status = 200


async def get(url):
    await asyncio.sleep(0)
    return {"url": url, "status": 200}


async def ask(url):
    await asyncio.sleep(0)
    return Answer()


async def handler(event, context):
    mode = event.get("mode", "item")
    if mode == "item":
        answer = get("/prices")
        return answer["status"]
    if mode == "attribute":
        return ask("/prices").status
    if mode == "json":
        answer = get("/prices")
        return json.dumps({"answer": answer})
    try:
        status, answer = get("/prices")
    except Exception:
        return None
    return status
