# freeze: 0.4
# host: bare
"""A loop that is kept for the environment, with a service on it that stands still in each freeze, as it is meant to."""

import asyncio

loop = None
service = None
token = {"number": 0}


async def renew():
    while True:
        try:
            await asyncio.wait_for(asyncio.sleep(30), 0.1)
        except asyncio.TimeoutError:
            token["number"] += 1  # at once after a freeze, as the time has passed


async def work():
    global service
    if service is None:
        service = asyncio.ensure_future(renew())
    await asyncio.sleep(0.01)
    return token["number"]


def handler(event, context):
    global loop
    if loop is None:
        loop = asyncio.new_event_loop()
    return loop.run_until_complete(work())
