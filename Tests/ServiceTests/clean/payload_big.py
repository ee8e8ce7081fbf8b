# payloads: [{"size": 1000000}, {"size": 2000000}, {"size": 3000000}, {"size": 10}]
"""Answers of some megabytes."""

import asyncio


async def handler(event, context):
    chunks = await asyncio.gather(*(asyncio.sleep(0, "x" * (event["size"] // 4)) for _ in range(4)))
    return "".join(chunks)
