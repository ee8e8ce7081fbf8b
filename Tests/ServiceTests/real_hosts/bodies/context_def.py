"""A context variable that a `def` handler sets; whether the next invocation finds it."""

import contextvars

variable = contextvars.ContextVar("variable", default=0)


def handler(event, context):
    variable.set(variable.get() + 1)
    return variable.get()
