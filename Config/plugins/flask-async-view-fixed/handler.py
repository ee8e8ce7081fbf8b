"""What waits is made in the request whose loop it waits on."""

import asyncio

from flask import Flask

app = Flask(__name__)
state = {"total": 0}


async def add(amount, lock):
    async with lock:
        before = state["total"]
        await asyncio.sleep(0.001)
        state["total"] = before + amount


@app.get("/")
async def index():
    lock = asyncio.Lock()
    await asyncio.gather(add(1, lock), add(2, lock))
    return {"total": state["total"]}


def handler(event, context):
    return app.test_client().get("/").status_code
