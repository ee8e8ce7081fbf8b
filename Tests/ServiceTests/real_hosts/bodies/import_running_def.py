"""Whether a loop runs while a `def` handler is imported."""

from import_running_async import found


def handler(event, context):
    return found
