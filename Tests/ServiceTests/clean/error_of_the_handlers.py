# outcome: error
"""A handler that fails for a reason of its own."""


def handler(event, context):
    raise LookupError("no such order")
