"""Finds the line of the user's code that is behind an event."""

from __future__ import annotations

import os
import sys
from sys import _getframe

from . import facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any, Iterable

    from .journal import Journal

# What a frame is, by its file. Zero is what a walk meets most often and skips without a further question.
MACHINERY = 0  # the standard library, and generated code
USER = 1
LIBRARY = 2  # installed with pip, wherever it stands
PROBE = 3
HOST = 4  # the worker
RUNNERS = 5  # asyncio/runners.py
EVENTS = 6  # asyncio/events.py, where policies live
UVLOOP = 7

# A flag of `locate` that is not for the wire: the call came through asyncio.run or uvloop.run.
IN_RUN = 0x100
WIRE_FLAGS = 0xFF

# As it is now: blockbuster, which watches many test suites, makes the module's own fail where a loop runs.
_abspath = os.path.abspath
_INSTALLED = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)
_MOST_CACHED = 1 << 16
_LONGEST_CHAIN = 100  # of awaits
# Code, frame and what is awaited: of coroutines, asynchronous generators, generators.
_SUSPENDABLE = (
    ("cr_code", "cr_frame", "cr_await"),
    ("ag_code", "ag_frame", "ag_await"),
    ("gi_code", "gi_frame", "gi_yieldfrom"),
)


class FileKinds:
    """Tells whose code a file holds."""

    def __init__(
        self, root: str | None, libraries: Iterable[str], hosts: Iterable[str], is_suite: bool = False
    ) -> None:
        self.root = _folder(root) if root else None
        self._libraries = tuple(_folder(path) for path in libraries)
        self._hosts = tuple(_folder(path) for path in hosts)
        self._probe = _folder(os.path.dirname(_abspath(__file__)))
        self._stdlib = _standard_library()
        # What `pip install -e .` leaves in a project names the project itself; nobody vendors beside tests.
        self._vendored: dict[str, frozenset[str]] = {self.root: frozenset()} if is_suite and self.root else {}

    def add_user(self, root: str, libraries: Iterable[str]) -> None:
        """Says where the user's code is, when nothing was classified yet that could be it."""
        self.root = _folder(root)
        self._libraries = tuple(_folder(path) for path in libraries)

    def add_host(self, path: str) -> None:
        """Makes what `path` begins with a host's code."""
        self._hosts += (_abspath(path),)

    def classify(self, file: str) -> int:
        """What frames of `file` are. Slow: ask once for each file."""
        # Frozen importlib, what namedtuple, dataclasses and attrs generate, what Cython has compiled.
        if file.startswith("<") or file.endswith((".pyx", ".pxd", ".pxi")):
            return MACHINERY
        path = _abspath(file)
        if path.startswith(self._probe):
            return PROBE
        if path.startswith(self._hosts):
            return HOST
        if any(part in path for part in _INSTALLED):
            return UVLOOP if os.path.basename(os.path.dirname(path)) == "uvloop" else LIBRARY
        if path.startswith(self._stdlib):
            if path.endswith(os.path.join("asyncio", "runners.py")):
                return RUNNERS
            if path.endswith(os.path.join("asyncio", "events.py")):
                return EVENTS
            return MACHINERY
        if self.root is not None and path.startswith(self.root):
            return self._kind_in(self.root, path)
        for folder in self._libraries:
            if path.startswith(folder):
                return self._kind_in(folder, path)
        return USER

    def _kind_in(self, folder: str, path: str) -> int:
        top = path[len(folder) :].split(os.sep, 1)[0]
        if folder not in self._vendored:
            self._vendored[folder] = frozenset(_vendored_names(folder))
        return LIBRARY if top in self._vendored[folder] else USER


class Sites:
    """Names the user's line behind the current call, with the library or standard function that it went through."""

    def __init__(self, journal: Journal, files: FileKinds, is_suite: bool = False) -> None:
        self._journal = journal
        self.root = files.root
        self._files = files
        self._is_suite = is_suite
        self._classify = files.classify
        self._kinds: dict[str, int] = {}
        self.run_codes: set[CodeType] = set()  # of asyncio.run and uvloop.run, once they are there
        self._last_made: tuple[int, CodeType, int, CodeType, int, tuple[int, int]] | None = None
        # The code objects stand in the values so that their ids, which are the keys, cannot be reused.
        self._cache: dict[tuple[int, int, int, int], tuple[int, CodeType, CodeType | None]] = {}

    def add_user(self, root: str, libraries: Iterable[str]) -> None:
        """As FileKinds does."""
        self._files.add_user(root, libraries)
        self.root = self._files.root
        self._kinds.clear()

    def locate_creation(self, above: int) -> tuple[int, int]:
        """As `locate`, for the place where a loop is made, `above` frames above the caller.

        asyncio.run makes loops always at the same depth below its caller, and so does the worker. So one look at two
        frames replaces a walk over nine, which costs 4 µs: a frame has to be made into an object to be looked at.
        """
        guess = self._last_made
        if guess is not None:
            depth, code, instruction, called_code, called_instruction, located = guess
            try:
                called = _getframe(above + depth)
                if called.f_code is called_code and called.f_lasti == called_instruction:
                    frame = called.f_back
                    if frame is not None and frame.f_code is code and frame.f_lasti == instruction:
                        return located
            except ValueError:
                pass  # the stack is not that deep
        located = self.locate(above + 1)
        if located[1] & (IN_RUN | facts.BY_HOST):
            self._remember(_getframe(above + 1), located)
        return located

    def _remember(self, frame: FrameType | None, located: tuple[int, int]) -> None:
        """Remembers how deep below the user's line or the worker's a loop is made, and what that line called."""
        called: FrameType | None = None
        depth = 0  # of `called`
        while frame is not None:
            kind = self._kinds.get(frame.f_code.co_filename)
            if called is not None and (kind == HOST or (kind == USER and called.f_code in self.run_codes)):
                code, called_code = frame.f_code, called.f_code
                self._last_made = (depth, code, frame.f_lasti, called_code, called.f_lasti, located)
                return
            called, frame = frame, frame.f_back
            depth += 1

    def locate(self, above: int) -> tuple[int, int]:
        """The site of the innermost user frame, and flags that say how the call came about.

        The search begins `above` frames above the caller, where the hooked function was called. Without a user frame
        it is the innermost library frame; the worker's own calls have no site, and BY_HOST.
        """
        thread = self._journal.thread()
        scope = thread.scope
        if scope is not None:
            if scope() is not None:
                return scope.site, scope.bits >> 16
            thread.scope = None
        kinds = self._kinds
        flags = 0
        library = called = None
        frame: FrameType | None = _getframe(above + 1)
        while frame is not None:
            code = frame.f_code
            file = code.co_filename
            try:
                kind = kinds[file]
            except KeyError:
                kind = kinds[file] = self._classify(file)
            if kind:
                if kind == USER:
                    return self._intern(frame, code, library or called, facts.SITE_IS_USER_CODE), flags
                if kind == RUNNERS:
                    flags |= facts.BY_RUNNER
                    if code in self.run_codes:
                        flags |= IN_RUN
                elif kind == LIBRARY:
                    library = library or frame
                elif kind == EVENTS:
                    if code.co_name == "get_event_loop":
                        flags |= facts.IMPLICIT
                elif kind == HOST:
                    # What pytest and its plugins do without a line of the user's, they do for themselves.
                    if library is None or self._is_suite:
                        return 0, flags | facts.BY_HOST
                    break
                elif kind == UVLOOP:
                    if code.co_name == "run":
                        flags |= facts.BY_RUNNER | IN_RUN
                        self.run_codes.add(code)
                else:  # PROBE: not what the user's line called
                    frame = frame.f_back
                    continue
            called = frame
            frame = frame.f_back
        if library is None:
            return 0, flags
        return self._intern(library, library.f_code, None, 0), flags

    def of_caller(self, frame: FrameType) -> int:
        """As `of_frame`, in a fifth of the time, for what the user's own line has called before."""
        code = frame.f_code
        known = self._cache.get((id(code), frame.f_lasti, 0, 0))
        if known is not None and self._kinds[code.co_filename] == USER:
            return known[0]
        return self.of_frame(frame)

    def of_frame(self, frame: FrameType | None) -> int:
        """The site of the innermost user frame from `frame` outwards, else of the innermost library frame; 0: none."""
        library = None
        known_kind = self._kinds.get
        while frame is not None:
            code = frame.f_code
            kind = known_kind(code.co_filename)
            if kind is None:
                kind = self.kind_of(code)
            if kind:  # most are machinery
                if kind == USER:
                    return self._intern(frame, code, library, facts.SITE_IS_USER_CODE)
                if kind == HOST:
                    break
                if kind == LIBRARY:
                    library = library or frame
            frame = frame.f_back
        return 0 if library is None else self._intern(library, library.f_code, None, 0)

    def of_traceback(self, *tracebacks: TracebackType | None) -> int:
        """The site of the innermost user frame that an exception came through, with the library's further in.

        Of several, each is the continuation of the one before, as that of an exception's cause is.
        """
        places: list[tuple[CodeType, int]] = []
        for part in tracebacks:
            traceback = part
            while traceback is not None:
                places.append((traceback.tb_frame.f_code, traceback.tb_lineno))
                traceback = traceback.tb_next
        return self._innermost(reversed(places))

    def of_suspended(self, awaitable: Any) -> int:
        """Where a coroutine or generator waits: the innermost user line of its chain of awaits.

        One that has not begun waits at its first line.
        """
        places: list[tuple[CodeType, int]] = []
        while awaitable is not None and len(places) < _LONGEST_CHAIN:
            for of_code, of_frame, of_inner in _SUSPENDABLE:
                code = getattr(awaitable, of_code, None)
                if code is not None:
                    frame = getattr(awaitable, of_frame, None)
                    places.append((code, (frame is not None and frame.f_lineno) or code.co_firstlineno))
                    awaitable = getattr(awaitable, of_inner, None)
                    break
            else:
                break
        return self._innermost(reversed(places))

    def of_frames(self, frames: list[FrameType]) -> int:
        """The site of the innermost user frame of some that wait for each other, outermost first."""
        return self._innermost((frame.f_code, frame.f_lineno or frame.f_code.co_firstlineno) for frame in frames[::-1])

    def of_code(self, code: CodeType, line: int = 0) -> int:
        """The site of a line of `code`, by default its first; 0 where that is machinery's or the worker's own."""
        return self._innermost([(code, line or code.co_firstlineno)])

    def of_line(self, file: str, line: int, function: str) -> int:
        """The site of a line of the user's; 0 for anybody else's."""
        if self.kind_of_file(file) != USER:
            return 0
        shortened, flags = self._shortened(file, facts.SITE_IS_USER_CODE)
        return self._journal.site(flags, shortened, function, line, None)

    def kind_of(self, code: CodeType) -> int:
        """Whose code it is: USER, LIBRARY, MACHINERY…"""
        return self.kind_of_file(code.co_filename)

    def kind_of_file(self, file: str) -> int:
        """Whose code a file holds."""
        kind = self._kinds.get(file)
        if kind is None:
            kind = self._kinds[file] = self._classify(file)
        return kind

    def add_host(self, path: str) -> None:
        """Makes what `path` begins with a host's code from now on."""
        self._files.add_host(path)
        self._kinds.clear()

    def _innermost(self, places: Iterable[tuple[CodeType, int]]) -> int:
        """The site of the first user line of `places`, which begin with the innermost."""
        library: tuple[str, str, int] | None = None
        for code, line in places:
            kind = self.kind_of(code)
            if kind != USER and kind != LIBRARY:
                continue
            file, flags = self._shortened(code.co_filename, facts.SITE_IS_USER_CODE if kind == USER else 0)
            if kind == USER:
                return self._journal.site(flags, file, _name(code), line, library)
            library = library or (file, _name(code), line)
        return 0 if library is None else self._journal.site(0, *library, None)

    def _intern(self, frame: FrameType, code: CodeType, via: FrameType | None, flags: int) -> int:
        if via is None:
            key = (id(code), frame.f_lasti, 0, 0)
        else:
            key = (id(code), frame.f_lasti, id(via.f_code), via.f_lasti)
        known = self._cache.get(key)
        if known is not None:
            return known[0]
        file, flags = self._shortened(code.co_filename, flags)
        through = None
        if via is not None:
            through = (self._shortened(via.f_code.co_filename, 0)[0], _name(via.f_code), via.f_lineno or 0)
        number = self._journal.site(flags, file, _name(code), frame.f_lineno or 0, through)
        if number and len(self._cache) < _MOST_CACHED:
            self._cache[key] = (number, code, None if via is None else via.f_code)
        return number

    def _shortened(self, file: str, flags: int) -> tuple[str, int]:
        path = _abspath(file) if not file.startswith("<") else file
        root = self.root
        if root is not None and path.startswith(root):
            return path[len(root) :], flags | facts.SITE_IS_UNDER_ROOT
        return path, flags


if sys.version_info >= (3, 11):

    def _name(code: CodeType) -> str:
        return code.co_qualname

else:

    def _name(code: CodeType) -> str:
        return code.co_name


def _standard_library() -> tuple[str, ...]:
    """The folders of Python's own modules, and of those that are made for a platform.

    What sysconfig says takes 2 to 10 ms at each cold start.
    """
    name = "python{}.{}".format(*sys.version_info[:2])
    places = {os.path.dirname(_abspath(os.__file__))}
    places.update(
        os.path.join(prefix, getattr(sys, "platlibdir", "lib"), name)
        for prefix in (sys.base_prefix, sys.base_exec_prefix, sys.exec_prefix)
    )
    return tuple(map(_folder, places))


def _folder(path: str) -> str:
    return os.path.join(_abspath(path), "")


def _vendored_names(root: str) -> Iterable[str]:
    """Top-level names that `pip install --target` put beside the user's modules, by their *.dist-info."""
    try:
        entries = os.listdir(root)
    except OSError:
        return
    for entry in entries:
        if not entry.endswith((".dist-info", ".egg-info")):
            continue
        for listing, separator in (("RECORD", ","), ("top_level.txt", "\n")):
            try:
                with open(os.path.join(root, entry, listing), encoding="utf-8", errors="replace") as lines:
                    for line in lines:
                        top = line.split(separator, 1)[0].strip().split("/", 1)[0]
                        if top and top not in ("..", "__pycache__") and not top.endswith(".dist-info"):
                            yield top
                            yield top + ".py"
            except OSError:
                continue
