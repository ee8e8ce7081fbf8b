"""What is to be done at the end, registered at import; a host that ends by force never runs it."""

import asyncio
import atexit

_loop = None


@atexit.register
def close():
    if _loop is not None:
        _loop.close()


def handler(event, context):
    global _loop
    if _loop is None:
        _loop = asyncio.new_event_loop()
    return _loop.run_until_complete(asyncio.sleep(0, "kept"))
