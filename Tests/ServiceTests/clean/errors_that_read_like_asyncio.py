"""Application errors with asyncio's texts, raised, caught, logged and answered."""

import asyncio
import logging

TEXTS = (
    "Event loop is closed",
    "This event loop is already running",
    "Cannot run the event loop while another loop is running",
    "asyncio.run() cannot be called from a running event loop",
    "There is no current event loop in thread 'MainThread'.",
    "no running event loop",
    "Task <Task pending> got Future <Future pending> attached to a different loop",
    "<asyncio.locks.Lock object> is bound to a different event loop",
    "cannot schedule new futures after shutdown",
    "coroutine 'main' was never awaited",
)
log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())
log.propagate = False


async def reject(text):
    raise RuntimeError(text)


async def main():
    seen = []
    for text in TEXTS:
        try:
            await reject(text)
        except RuntimeError as error:
            log.error("rejected: %s", error, exc_info=True)
            seen.append(str(error) == text)
    return seen


def handler(event, context):
    try:
        raise RuntimeError(TEXTS[0])
    except RuntimeError:
        pass
    return all(asyncio.run(main()))
