"""Flask runs each async view by a new loop. The lock belongs to the one on which somebody first had to wait."""

import asyncio

from flask import Flask

app = Flask(__name__)
state = {"total": 0, "lock": None}


async def add(amount):
    async with state["lock"]:
        before = state["total"]
        await asyncio.sleep(0.001)
        state["total"] = before + amount


@app.get("/")
async def index():
    if state["lock"] is None:
        state["lock"] = asyncio.Lock()
    await asyncio.gather(add(1), add(2))
    return {"total": state["total"]}


def handler(event, context):
    return app.test_client().get("/").status_code
