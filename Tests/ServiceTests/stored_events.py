"""Reads the events of a history as the daemon packs them (Sources/LoopStore/PackedEvents.swift), in its own way."""

import collections

StoredEvent = collections.namedtuple("StoredEvent", "environment sequence kind detail")

# The bits of an event's first byte: what there is of it.
_FLAGS, _PHASE, _ORDINAL, _THREAD, _LOOP, _SITE, _DETAIL, _VALUE = (1 << bit for bit in range(8))


class _Numbers:
    def __init__(self, packed):
        self._bytes, self.position = packed, 0

    def byte(self):
        self.position += 1
        return self._bytes[self.position - 1]

    def number(self):
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def signed(self):
        number = self.number()
        return number >> 1 ^ -(number & 1)


def _unpacked(environment, packed):
    numbers = _Numbers(packed)
    count, first = numbers.number(), numbers.signed()
    for sequence in range(first, first + count):
        parts, kind = numbers.byte(), numbers.byte()
        numbers.signed()
        for part, size in ((_FLAGS, 1), (_PHASE, 1), (_ORDINAL, 1), (_THREAD, 2), (_LOOP, 1), (_SITE, 1)):
            for _ in range(size if parts & part else 0):
                numbers.number()
        detail = numbers.number() if parts & _DETAIL else None
        if parts & _VALUE:
            numbers.number()
        yield StoredEvent(environment, sequence, kind, detail)
    if numbers.position != len(packed):
        raise ValueError("{} bytes are left over".format(len(packed) - numbers.position))


def stored_events(rows):
    """All of a history, environment by environment, in their order.

    :param rows: runs a query and gives its rows.
    """
    events = [StoredEvent(*row) for row in rows("SELECT environment, sequence, kind, detail FROM loopEvent")]
    for table in ("invocation", "eventBatch"):
        for environment, packed in rows("SELECT environment, events FROM %s WHERE events IS NOT NULL" % table):
            events += _unpacked(environment, packed)
    return sorted(events, key=lambda event: event[:2])
