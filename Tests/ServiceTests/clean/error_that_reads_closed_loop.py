# outcome: error
"""An application's own error, in the words that asyncio has for another thing."""


class ClosedLoopError(RuntimeError):
    pass


def handler(event, context):
    raise ClosedLoopError("Event loop is closed")
