"""Stops the loop that it runs itself, and leaves the host's alone."""

import asyncio


def handler(event, context):
    loop = asyncio.new_event_loop()
    try:
        loop.call_later(0.001, loop.stop)
        loop.run_forever()
        return {"done": True}
    finally:
        loop.close()
