"""A signal handler that an `async def` handler sets on its loop."""

import asyncio
import signal


async def handler(event, context):
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR2, int)
    return "set"
