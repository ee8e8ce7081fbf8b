"""Web applications, of whichever interface: what the object is says whether it is an ASGI or a WSGI app."""

from __future__ import annotations

import functools
import inspect  # the frameworks import it as well

from ..faults import HANDLER_NOT_FOUND, UNSUPPORTED_HANDLER, Fault
from . import functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .base import Handler

ASGI3 = "asgi3"  # called with (scope, receive, send)
ASGI2 = "asgi2"  # called with (scope), then with (receive, send)
WSGI = "wsgi"  # called with (environ, start_response)
LAMBDA = "lambda"  # called with (event, context)

_FACTORY = "()"


def load(name: str) -> Handler:
    """Imports the app `name`, such as `main.app`, or has it made, as in `main.create_app()`.

    :raises Fault: when there is none, or it is neither an ASGI nor a WSGI app; it says what there is.
    """
    app = found(name)
    interface = interface_of(app)
    if interface in (ASGI2, ASGI3):
        from . import asgi

        return asgi.handler_of(app, interface)
    if interface == WSGI:
        from . import wsgi

        return wsgi.handler_of(app)
    raise refusal(name, app, "neither an ASGI nor a WSGI app")


def found(name: str) -> Any:
    """The object that is meant.

    :raises Fault: when it is not there. What a factory raises goes through.
    """
    if not name.endswith(_FACTORY):
        return functions.find(name)
    factory = functions.find(name[: -len(_FACTORY)])
    if not callable(factory):
        message = "Handler '{}' cannot be called: it is {}".format(name, described(factory))
        raise Fault(HANDLER_NOT_FOUND, message)
    return factory()


def interface_of(app: Any) -> str | None:
    """How an app wants to be called; None: in none of the ways of an app."""
    if not callable(app):
        return None
    try:
        names = _parameters(app)
    except (TypeError, ValueError):
        return None  # a function in C without a signature
    if inspect.isclass(app):
        if names[:1] == ["scope"] and len(names) == 1:
            return ASGI2
        # PEP 3333 allows a class whose instances are the response.
        return WSGI if len(names) == 2 and names[1] == "start_response" else None
    count = len(names)
    if count == 2 and names[1].lstrip("_") in ("context", "ctx"):
        return LAMBDA
    if is_async(app):
        return ASGI3 if count == 3 or (not names and takes_any(app)) else None
    if count == 3:
        return ASGI3  # a wrapper that returns the coroutine
    if count == 2 or (not names and takes_any(app)):
        return WSGI
    return ASGI2 if names == ["scope"] else None


def is_async(function: Any) -> bool:
    """Whether calling it makes a coroutine."""
    while isinstance(function, functools.partial):
        function = function.func
    if inspect.iscoroutinefunction(function):
        return True
    call = getattr(type(function), "__call__", None)  # noqa: B004
    return not inspect.isroutine(function) and inspect.iscoroutinefunction(call)


def refusal(name: str, app: Any, what: str) -> Fault:
    """Says why something cannot be driven by HTTP requests, and what to do."""
    message = "'{}' is {}: it is {}.".format(name, what, described(app))
    interface = interface_of(app)
    if inspect.isclass(app):
        message += " Name an instance of it."
    elif interface == LAMBDA:
        message += " That is a Lambda handler's shape: set `kind: lambda`, or call it `handler`."
    elif interface in (ASGI2, ASGI3):
        message += " It looks like an ASGI app: set `kind: asgi`."
    elif interface == WSGI:
        message += " It looks like a WSGI app: set `kind: wsgi`."
    elif inspect.isroutine(app) and not takes_any(app) and not _parameters(app):
        message += " If it makes the app, name it with parentheses: '{}()'.".format(name)
    else:
        message += " An ASGI app is called with (scope, receive, send), a WSGI app with (environ, start_response)."
    return Fault(UNSUPPORTED_HANDLER, message)


def described(value: Any) -> str:
    """What something is, with what it is called with."""
    cls = type(value)
    if inspect.isclass(value):
        text = "the class {}".format(value.__qualname__)
    elif inspect.isroutine(value):
        text = "{} function".format("an async" if inspect.iscoroutinefunction(value) else "a")
    else:
        module = "" if cls.__module__ == "builtins" else cls.__module__ + "."
        text = "an object of the type {}{}".format(module, cls.__qualname__)
    if not callable(value):
        return text + ", which cannot be called" if not inspect.ismodule(value) else "a module"
    try:
        return "{} of ({})".format(text, ", ".join(_parameters(value)))
    except (TypeError, ValueError):
        return text


def takes_any(function: Any) -> bool:
    """Whether it takes as many arguments as there are, as wrappers do."""
    try:
        everything = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(each.kind is each.VAR_POSITIONAL for each in everything)


def _parameters(function: Any) -> list[str]:
    """The names of the positional parameters that a call must give."""
    everything = inspect.signature(function).parameters.values()
    positional = [each for each in everything if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    return [each.name for each in positional if each.default is each.empty]
