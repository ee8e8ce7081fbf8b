"""Reads blocks of events back into dictionaries, for people and for tests. The daemon has a decoder of its own."""

from __future__ import annotations

from . import facts, journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator


class Decoder:
    """Decodes the blocks of one process in the order in which they were written: definitions are sent only once."""

    def __init__(self) -> None:
        self.strings: dict[int, str] = {}
        self.threads: dict[int, str] = {}
        self.sites: dict[int, dict[str, Any]] = {}

    def block(self, block: bytes) -> Iterator[dict[str, Any]]:
        """The events of a block as sent in a frame: a generation, then records."""
        return self.records(block[journal.U32.size :])

    def records(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The events in `data`.

        :raises ValueError: when a record is of an unknown form.
        """
        position = 0
        while position < len(data):
            kind = data[position]
            if kind < journal.DEFINE_STRING:
                yield self._event(journal.EVENT.unpack_from(data, position))
                position += journal.EVENT.size
            elif kind == journal.DEFINE_SITE:
                self._define_site(journal.SITE.unpack_from(data, position))
                position += journal.SITE.size
            elif kind in (journal.DEFINE_STRING, journal.DEFINE_THREAD):
                _, _, length, number = journal.TEXT.unpack_from(data, position)
                position += journal.TEXT.size
                text = data[position : position + length].decode("utf-8", "replace")
                (self.strings if kind == journal.DEFINE_STRING else self.threads)[number] = text
                position += length
            else:
                raise ValueError("unknown record {:#x} at {}".format(kind, position))

    def _define_site(self, fields: Any) -> None:
        _, flags, _, number, file, function, line, via_file, via_function, via_line = fields
        via: dict[str, Any] | None = None
        if via_file:
            via = {"file": self.strings[via_file], "function": self.strings[via_function], "line": via_line}
        self.sites[number] = {
            "file": self.strings[file],
            "function": self.strings[function],
            "line": line,
            "userCode": bool(flags & facts.SITE_IS_USER_CODE),
            "underRoot": bool(flags & facts.SITE_IS_UNDER_ROOT),
            "via": via,
        }

    def _event(self, fields: Any) -> dict[str, Any]:
        kind, phase, flags, ordinal, at_ns, thread, loop, site, detail, value = fields
        return {
            "event": facts.KIND_NAMES.get(kind, "unknown-{}".format(kind)),
            "phase": facts.PHASE_NAMES.get(phase, str(phase)),
            "flags": flags,
            "ordinal": None if ordinal == facts.NO_ORDINAL else ordinal,
            "atNs": at_ns,
            "thread": self.threads.get(thread),
            "loop": loop or None,
            "site": self.sites.get(site),
            "detail": self.strings.get(detail),
            "value": value,
        }
