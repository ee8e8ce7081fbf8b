"""Nobody awaits the task that fails, but its callback looks at the exception."""

import asyncio


async def fail():
    raise OSError("no such thing")


async def handler(event, context):
    log = []
    done = asyncio.Event()

    def note(task):
        log.append(str(task.exception()))
        done.set()

    asyncio.ensure_future(fail()).add_done_callback(note)
    await done.wait()
    return log
