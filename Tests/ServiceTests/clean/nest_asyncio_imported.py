# requires: nest_asyncio
"""nest_asyncio is imported and never applied."""

import asyncio

import nest_asyncio


def handler(event, context):
    return [asyncio.run(asyncio.sleep(0, "ran")), callable(nest_asyncio.apply)]
