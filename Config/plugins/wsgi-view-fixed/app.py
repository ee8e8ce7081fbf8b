"""In a server's thread asyncio.run makes a loop for the call, and closes it."""

import asyncio
import logging

logger = logging.getLogger(__name__)


async def lookup(key):
    await asyncio.sleep(0)
    return "{} is there\n".format(key)


def view(path):
    return asyncio.run(lookup(path))


def application(environ, start_response):
    headers = [("Content-Type", "text/plain; charset=utf-8")]
    try:
        text = view(environ["PATH_INFO"])
    except Exception:
        logger.exception("Exception on %s", environ["PATH_INFO"])
        start_response("500 Internal Server Error", headers)
        return [b"Internal Server Error"]
    start_response("200 OK", headers)
    return [text.encode()]
