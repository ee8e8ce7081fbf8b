"""A `def` handler that fails."""


def handler(event, context):
    raise KeyError("mine")
