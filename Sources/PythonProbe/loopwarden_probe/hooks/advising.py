"""Reads the sources of the handler's modules for awaits that wait one after the other for no reason.

Only when it was asked for: to parse a module takes milliseconds.
"""

from __future__ import annotations

import sys

from .. import facts
from ..sites import USER
from .base import Hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    from types import CodeType
    from typing import Any, Iterator

_LARGEST_SOURCE = 1 << 20
_MOST_PAIRS = 50


class AdvisingHook(Hook):
    name = "advising"

    def at_loaded(self) -> None:
        if not self.probe.reads_sources:
            return
        left = _MOST_PAIRS
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if not isinstance(file, str) or self.sites.kind_of_file(file) != USER:
                continue
            source = _source_of(file)
            pairs = list(sequential_awaits(source))[:left]
            left -= len(pairs)
            codes = list(_codes(compile(source, file, "exec", dont_inherit=True))) if pairs else []
            for name, first, second in pairs:
                code = max(
                    (code for code in codes if code.co_name == name and code.co_firstlineno <= first),
                    key=lambda code: code.co_firstlineno,
                )
                related = (("waited", self.sites.of_code(code, first), -1),)
                self.report(facts.SEQUENTIAL_AWAITS, 0, 0, self.sites.of_code(code, second), name, 0, related)


def sequential_awaits(source: str) -> Iterator[tuple[str, int, int]]:
    """The function and the lines of each two awaits that follow each other and have nothing in common.

    Both assign what they bring, and are calls of different things or with different arguments, on no common object.
    """
    import ast

    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.AsyncFunctionDef):
            for block in _blocks(function):
                for first, second in zip(block, block[1:]):
                    if _are_independent(first, second):
                        yield function.name, first.lineno, second.lineno


def _blocks(function: ast.AsyncFunctionDef) -> Iterator[list[Any]]:
    """The lists of statements in a function, without those of functions in it."""
    import ast

    waiting: list[Any] = [function]
    while waiting:
        node = waiting.pop()
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block
                waiting += [each for each in block if not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
        waiting += getattr(node, "handlers", ())


def _are_independent(first: Any, second: Any) -> bool:
    bound, one = _awaited_call(first)
    other = _awaited_call(second)[1]
    if one is None or other is None:
        return False
    # Calls on one object (a stream, a connection, a transaction) have an order.
    common = _receivers(one.func) & _receivers(other.func)
    return not common and not bound & _names(other)


def _awaited_call(statement: Any) -> tuple[set[str], Any]:
    """The names that `name = await call(...)` binds, and the call; nothing for another statement."""
    import ast

    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Await):
        call = statement.value.value
        if isinstance(call, ast.Call) and all(_is_plain(target) for target in statement.targets):
            return {name for target in statement.targets for name in _names(target)}, call
    return set(), None


def _is_plain(target: Any) -> bool:
    import ast

    return isinstance(target, ast.Name) or (isinstance(target, ast.Tuple) and all(map(_is_plain, target.elts)))


def _names(node: Any) -> set[str]:
    import ast

    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _receivers(function: Any) -> set[str]:
    """The objects on which a method is called; nothing for a function that is called by its name."""
    import ast

    return set() if isinstance(function, ast.Name) else _names(function)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """`code` and all that is defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            yield from _codes(constant)


def _source_of(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read(_LARGEST_SOURCE)
    except (OSError, ValueError):
        return ""
