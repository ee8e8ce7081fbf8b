"""Jupyter notebooks: an invocation runs all cells in their order inside the running loop, as "Run All" does.

A cold one is "Restart and Run All"; a warm one finds what the run before has left. Cells are numbered as Jupyter's
`In [3]` numbers them then: code cells that are not blank, from 1. Cell 3 of `a.ipynb` has the file `a.ipynb:cell 3`.
"""

from __future__ import annotations
import __future__

import ast
import asyncio
import json
import linecache
import os
import re
import sys
from types import ModuleType

from ..faults import UNREADABLE_NOTEBOOK, USER_CODE_SYNTAX_ERROR, Fault
from .base import Handler

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Iterator, NoReturn

_FORMAT = 4  # of notebooks, since 2013
_FUTURES = 0
for _name in __future__.all_feature_names:
    _FUTURES |= getattr(__future__, _name).compiler_flag
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
# Cell magics whose cell is Python; what other cells hold is a text or another language.
_PYTHON_CELLS = ("capture", "prun", "time", "timeit")
_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_TIMED = re.compile(r"(\s*)%time(?:it)?\s+(?:-[nr]\s*\d+\s+)*(.+)")
_ASSIGNED = re.compile(r"(\s*)([\w, .]+=)\s*[%!]")
_MAGIC = re.compile(r"(\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$)")
# Tags of cells, as nbclient knows them.
_SKIPPED = "skip-execution"
_MAY_RAISE = "raises-exception"


def load(name: str) -> Handler:
    """Reads and compiles the notebook in the file `name`; none of its code runs before the first invocation.

    :raises Fault: when it is no notebook of Python code, or a cell has a syntax error.
    """
    path = os.path.abspath(name)
    return Handler(Notebook(path, list(_cells(path))).run, is_async=True)


class Notebook:
    """A kernel's namespace, and the cells that run in it."""

    def __init__(self, path: str, cells: list[Cell]) -> None:
        self._cells = cells
        # Under the name that pickle, multiprocessing and `if __name__ == "__main__"` expect.
        self._module = sys.modules["__main__"] = ModuleType("__main__")
        self._namespace = self._module.__dict__
        self._namespace.update(display=_display, __session__=path)
        sys.displayhook = self._show

    async def run(self, event: Any, context: Any) -> dict[str, int]:
        """Runs all cells, until one raises."""
        for cell in self._cells:
            try:
                await cell.run(self._namespace)
            except Exception:
                if not cell.may_raise:
                    raise
            # Between two cells a kernel's loop goes on.
            await asyncio.sleep(0)
        return {"cells": len(self._cells)}

    def _show(self, value: Any) -> None:
        """What becomes of the expression at a cell's end."""
        if value is not None:
            _display(value)
            if not asyncio.iscoroutine(value):  # kept, one that nobody awaits would not be told of
                self._namespace["_"] = value


class Cell:
    """The code of one cell: its statements, and the expression at its end, whose value is shown."""

    def __init__(self, parts: list[CodeType], may_raise: bool) -> None:
        self._parts = parts
        self.may_raise = may_raise

    async def run(self, namespace: dict[str, Any]) -> None:
        for code in self._parts:
            coroutine = eval(code, namespace)
            if code.co_flags & 0x80:  # it awaits: inspect.CO_COROUTINE
                await coroutine


def _display(*values: Any) -> None:
    for value in values:
        try:
            text = repr(value)
        except Exception as error:  # as in Jupyter: what cannot be shown is no error of the cell's
            text = "<{}: {}>".format(type(value).__name__, type(error).__name__)
        sys.stdout.write(text + "\n")


def _cells(path: str) -> Iterator[Cell]:
    flags = _FLAGS
    number = 0
    for cell in _code_cells(path):
        source = cell.get("source")
        text = "".join(source) if isinstance(source, list) else str(source or "")
        if not text.strip():
            continue
        number += 1
        tags = (cell.get("metadata") or {}).get("tags") or ()
        if _SKIPPED in tags:
            continue
        file = "{}:cell {}".format(path, number)
        tree, text = _parse(text, file, flags)
        # Without a time of change, linecache takes it as it is.
        linecache.cache[file] = (len(text), None, [line + "\n" for line in text.split("\n")], file)
        last = tree.body[-1:] if not text.rstrip().endswith(";") else []
        if last and isinstance(last[0], ast.Expr):
            tree.body.pop()
        else:
            last = []
        parts = []
        if tree.body:
            parts.append(_compiled(tree, file, "exec", flags))
            flags |= parts[0].co_flags & _FUTURES  # holds for the cells that follow, as in IPython
        if last:
            parts.append(_compiled(ast.Interactive(last), file, "single", flags))
        if parts:
            yield Cell(parts, _MAY_RAISE in tags)


def _code_cells(path: str) -> Iterator[dict[str, Any]]:
    name = os.path.basename(path)
    try:
        with open(path, encoding="utf-8") as file:
            notebook = json.load(file)
    except OSError as error:
        _refuse("Notebook '{}' cannot be read: {}".format(name, error.strerror))
    except ValueError as error:
        _refuse("Notebook '{}' is no JSON: {}".format(name, error))
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", []), list):
        _refuse("'{}' is no notebook: expected is a JSON object with \"cells\"".format(name))
    if notebook.get("nbformat") != _FORMAT:
        message = "Notebook '{}' has the format {}, expected is {}: save it with a present-day Jupyter"
        _refuse(message.format(name, notebook.get("nbformat"), _FORMAT))
    metadata = notebook.get("metadata") or {}
    language = (metadata.get("kernelspec") or {}).get("language")
    language = language or (metadata.get("language_info") or {}).get("name") or "python"
    if str(language).lower() not in ("python", "ipython"):
        _refuse("Notebook '{}' is in {}: only Python can be run".format(name, language))
    for cell in notebook.get("cells", []):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            yield cell


def _refuse(message: str) -> NoReturn:
    raise Fault(UNREADABLE_NOTEBOOK, message)


def _parse(text: str, file: str, flags: int) -> tuple[ast.Module, str]:
    """The cell as Python, line for line: what only IPython understands does nothing."""
    magic = _CELL_MAGIC.match(text)
    lines = text.split("\n")
    if magic is not None:
        first = text[: magic.start(1)].count("\n")
        lines = [""] * (first + 1) + (lines[first + 1 :] if magic.group(1) in _PYTHON_CELLS else [])
    for _ in range(len(lines) + 1):
        try:
            source = "\n".join(lines)
            return compile(source, file, "exec", flags | ast.PyCF_ONLY_AST, True), source
        except SyntaxError as error:
            index = (error.lineno or 0) - 1
            # Only where Python itself does not understand the line: it may stand in a text.
            plain = _without_magic(lines[index]) if 0 <= index < len(lines) else None
            if plain is None:
                _refuse_syntax(error, file)
            lines[index] = plain
        except ValueError as error:  # null bytes
            raise Fault(USER_CODE_SYNTAX_ERROR, "Syntax error in '{}': {}".format(_short(file), error)) from None
    raise AssertionError("each turn takes the magic out of one line")


def _without_magic(line: str) -> str | None:
    timed = _TIMED.match(line)
    if timed:
        return timed.group(1) + timed.group(2)
    assigned = _ASSIGNED.match(line)
    if assigned:
        return assigned.group(1) + assigned.group(2) + " None"
    magic = _MAGIC.match(line)
    return magic.group(1) + "pass" if magic else None


def _compiled(tree: Any, file: str, mode: str, flags: int) -> CodeType:
    try:
        code: CodeType = compile(tree, file, mode, flags, True)
    except SyntaxError as error:  # such as a return outside a function
        _refuse_syntax(error, file)
    # Python's own name for it says "while the module was imported".
    names = {"co_name": "<cell>"}
    if sys.version_info >= (3, 11):
        names["co_qualname"] = "<cell>"
    return code.replace(**names)  # type: ignore[arg-type]


def _refuse_syntax(error: SyntaxError, file: str) -> NoReturn:
    trace = ['  File "{}" Line {}\n    {}'.format(error.filename, error.lineno, (error.text or "").strip())]
    raise Fault(USER_CODE_SYNTAX_ERROR, "Syntax error in '{}': {}".format(_short(file), error), trace) from None


def _short(file: str) -> str:
    return os.path.basename(file)
