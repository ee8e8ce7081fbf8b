"""A module-level registry of locks, one for each loop, which dies with the loop."""

import asyncio
import weakref

_locks = weakref.WeakKeyDictionary()


def lock():
    loop = asyncio.get_running_loop()
    if loop not in _locks:
        _locks[loop] = asyncio.Lock()
    return _locks[loop]


async def critical(log, name):
    async with lock():
        log.append("+" + name)
        await asyncio.sleep(0)
        log.append("-" + name)


async def main():
    log = []
    await asyncio.gather(critical(log, "a"), critical(log, "b"))
    return log


def handler(event, context):
    return asyncio.run(main())
