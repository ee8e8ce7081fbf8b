"""run_forever that a callback of its own stops."""

import asyncio


def handler(event, context):
    loop = asyncio.new_event_loop()
    ticks = []

    def tick():
        ticks.append(len(ticks))
        if len(ticks) == 3:
            loop.stop()
        else:
            loop.call_later(0.001, tick)

    try:
        loop.call_soon(tick)
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    return ticks
