# requires: fastapi httpx
"""FastAPI's TestClient with a lifespan, which starts a worker and cancels it in the end."""

import asyncio
import contextlib

from fastapi import FastAPI
from fastapi.testclient import TestClient


async def work():
    while True:
        await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def lifespan(app):
    working = asyncio.get_running_loop().create_task(work())
    yield
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def hello():
    return {"hello": "there"}


def handler(event, context):
    with TestClient(app) as client:
        return client.get("/").json()
