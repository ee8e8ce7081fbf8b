"""Named tuples in results: JSON objects on AWS Lambda, whose runtime writes them with simplejson; lists for `json`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN = frozenset((str, int, float, bool, type(None), bytes))


def has_named_tuple(result: Any) -> bool:
    """Whether there is a named tuple anywhere in `result`.

    Looks at the types of a container's items all at once, in C: nearly every result has none, and all are asked.
    """
    if type(result) in _PLAIN:
        return False
    seen: set[int] = set()
    waiting = [result]
    while waiting:
        value = waiting.pop()
        items: Any
        if isinstance(value, dict):
            items = value.values()
        elif isinstance(value, (list, tuple)):
            if _is_named(value):
                return True
            items = value
        else:
            continue
        if not _PLAIN.issuperset(map(type, items)):
            if id(value) in seen:  # circular: the encoder will say so
                continue
            seen.add(id(value))
            waiting += [item for item in items if type(item) not in _PLAIN]
    return False


def without_named_tuples(value: Any) -> Any:
    """A copy of `value` with dictionaries in the place of named tuples.

    :raises RecursionError: when `value` is circular, or deeper than anything that can be written.
    """
    if isinstance(value, dict):
        return {name: without_named_tuples(item) for name, item in value.items()}
    if _is_named(value):
        return without_named_tuples(value._asdict())
    if isinstance(value, (list, tuple)):
        return [without_named_tuples(item) for item in value]
    return value


def _is_named(value: Any) -> bool:
    """simplejson's own test."""
    return isinstance(value, tuple) and callable(getattr(value, "_asdict", None))
