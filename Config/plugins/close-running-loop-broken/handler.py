"""The clean-up runs inside the loop that it closes."""

import asyncio


async def work():
    await asyncio.sleep(0)
    return {"done": True}


def clean_up(loop, mode):
    try:
        loop.close()
    except RuntimeError as error:
        if mode == "raise":
            raise
        if mode == "wrap":
            raise ValueError("clean-up failed") from error


async def handler(event, context):
    try:
        return await work()
    finally:
        clean_up(asyncio.get_running_loop(), event.get("mode"))
