"""Where an `async def` handler is awaited, and what is there at import."""

from surroundings_def import seen


async def handler(event, context):
    return seen()
