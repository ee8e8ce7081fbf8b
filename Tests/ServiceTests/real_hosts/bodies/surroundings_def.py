"""Where a `def` handler is called, and what is there at import."""

import asyncio
import threading
import warnings

warnings.simplefilter("ignore")


def seen():
    found = {"in main thread": threading.current_thread() is threading.main_thread()}
    try:
        loop, found["running"] = asyncio.get_running_loop(), True
    except RuntimeError as error:
        found["running"] = str(error)
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError as error:
            found["current"] = str(error)
            return found
    found["kind"] = type(loop).__module__.split(".")[0]
    found["debug"] = loop.get_debug()
    if not any(known is loop for known in loops):
        loops.append(loop)
    found["loops"] = len(loops)
    found["closed"] = [known.is_closed() for known in loops]
    return found


loops = []


def handler(event, context):
    return seen()
