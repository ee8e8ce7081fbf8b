"""Another loop, made the current one by an `async def` handler; whether it is what runs the next invocation."""

import asyncio

other = None


async def handler(event, context):
    global other
    runs_on_other = asyncio.get_running_loop() is other
    if other is None:
        other = asyncio.new_event_loop()
        asyncio.set_event_loop(other)
    return runs_on_other
