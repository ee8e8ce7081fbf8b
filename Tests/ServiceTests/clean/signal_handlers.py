# info: windows-unsafe
"""Signal handlers in the main thread, taken out again."""

import asyncio
import os
import signal


async def main():
    loop, caught = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, caught.set)
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.wait_for(caught.wait(), 5)
    finally:
        loop.remove_signal_handler(signal.SIGUSR1)
    return caught.is_set()


def handler(event, context):
    before = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    try:
        return asyncio.run(main())
    finally:
        signal.signal(signal.SIGUSR2, before)
