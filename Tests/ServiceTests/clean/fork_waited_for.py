# info: windows-unsafe
"""A child by os.fork, which does its own asyncio work, leaks a loop of its own, and is waited for."""

import asyncio
import os


def handler(event, context):
    asyncio.run(asyncio.sleep(0))
    child = os.fork()
    if child == 0:
        asyncio.new_event_loop().run_until_complete(asyncio.sleep(0.001))
        os._exit(7)
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status)
