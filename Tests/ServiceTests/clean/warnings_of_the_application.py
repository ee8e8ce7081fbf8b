"""The application's own warnings, of asyncio's categories and in its words, shown, ignored and turned into errors."""

import warnings


def handler(event, context):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.warn("There is no current event loop", DeprecationWarning)
        warnings.warn("coroutine 'main' was never awaited", RuntimeWarning)
        warnings.warn("unclosed transport", ResourceWarning)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            warnings.warn("unclosed event loop", ResourceWarning)
        except ResourceWarning:
            return len(seen)
