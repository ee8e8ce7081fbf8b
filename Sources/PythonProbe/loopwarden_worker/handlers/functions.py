"""Handlers as AWS Lambda has them: a function of an event and a context, found with its rules and error texts."""

from __future__ import annotations

import functools
import importlib
import sys

from ..faults import (
    BUILT_IN_MODULE_CONFLICT,
    HANDLER_NOT_FOUND,
    IMPORT_MODULE_ERROR,
    MALFORMED_HANDLER_NAME,
    UNSUPPORTED_HANDLER,
    USER_CODE_SYNTAX_ERROR,
    Fault,
)
from .base import Handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Of CodeType.co_flags. The inspect module has names for them and takes 10 ms to import.
_CO_GENERATOR = 0x20
_CO_COROUTINE = 0x80
_CO_ITERABLE_COROUTINE = 0x100
_CO_ASYNC_GENERATOR = 0x200


def load(name: str) -> Handler:
    """Imports the module of handler `name` and takes the function from it.

    :raises Fault: when there is no such handler, or it is of a kind that cannot answer.
    """
    function = find(name)
    flags = _code_flags(function)
    if flags & (_CO_GENERATOR | _CO_ASYNC_GENERATOR) and not flags & _CO_ITERABLE_COROUTINE:
        message = "Handler '{}' on module '{}' is a generator function: a handler must return its result, not yield it"
        module_name, _, function_name = name.rpartition(".")
        raise Fault(UNSUPPORTED_HANDLER, message.format(function_name, module_name))
    return Handler(function, bool(flags & (_CO_COROUTINE | _CO_ITERABLE_COROUTINE)))


def find(name: str) -> Any:
    """Imports the module of `name` and takes from it what is called so.

    :raises Fault: when there is no such module, or nothing of that name in it.
    """
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault(MALFORMED_HANDLER_NAME, "Bad handler '{}': {}".format(name, error)) from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = "Cannot use built-in module {} as a handler module".format(module_name)
        raise Fault(BUILT_IN_MODULE_CONFLICT, message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = "Unable to import module '{}': {}".format(module_name, error)
        raise Fault(IMPORT_MODULE_ERROR, message) from error
    except SyntaxError as error:
        trace = ['  File "{}" Line {}\n    {}'.format(error.filename, error.lineno, error.text)]
        message = "Syntax error in module '{}': {}".format(module_name, error)
        raise Fault(USER_CODE_SYNTAX_ERROR, message, trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = "Handler '{}' missing on module '{}'".format(function_name, module_name)
        raise Fault(HANDLER_NOT_FOUND, message) from None


def _code_flags(function: Any) -> int:
    """The flags of the code that a call runs, through partials, bound methods and callable objects."""
    while isinstance(function, functools.partial):
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None and not isinstance(function, type):
        code = getattr(getattr(type(function), "__call__", None), "__code__", None)  # noqa: B004
    return getattr(code, "co_flags", 0)
