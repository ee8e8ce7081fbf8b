# requires: fastapi httpx
"""FastAPI called through httpx: dependencies, def endpoints in threads, background tasks, a failing one."""

import asyncio

import httpx
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException

app = FastAPI()
noted = []


async def session():
    yield "session"
    await asyncio.sleep(0)


async def note(text):
    await asyncio.sleep(0.001)
    noted.append(text)


@app.get("/async")
async def in_loop(background: BackgroundTasks, given: str = Depends(session)):
    background.add_task(note, given)
    return given


@app.get("/sync")
def in_thread():
    return "from a thread"


@app.get("/missing")
async def missing():
    raise HTTPException(404, "not here")


async def main():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://app") as client:
        answers = await asyncio.gather(*(client.get(path) for path in ("/async", "/sync", "/missing")))
    return [each.json() for each in answers]


def handler(event, context):
    return asyncio.run(main())
