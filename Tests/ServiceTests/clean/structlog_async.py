# requires: structlog
"""structlog's asynchronous logging, which hands each line to the executor."""

import asyncio
import io

import structlog

stream = io.StringIO()
structlog.configure(
    processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(stream)
)


async def main():
    log = structlog.get_logger()
    log.info("synchronous", loop="closed")
    await log.ainfo("asynchronous", task="pending")
    return len(stream.getvalue().splitlines()) >= 2


def handler(event, context):
    return asyncio.run(main())
