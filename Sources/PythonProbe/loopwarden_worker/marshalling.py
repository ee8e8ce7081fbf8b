"""Events in, results out, as AWS Lambda's Python runtime writes and reads them."""

from __future__ import annotations

import json
import os

from .faults import MARSHAL_ERROR, UNMARSHAL_ERROR, Fault
from .named_tuples import has_named_tuple, without_named_tuples

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EXECUTION_ENV = "AWS_Lambda_python3."
_FIRST_UNESCAPED_MINOR = 12  # the runtimes from 3.12 on write text that is not ASCII as it is


def unmarshal(payload: bytes) -> Any:
    """The event in `payload`.

    :raises Fault: when it is not JSON.
    """
    try:
        return parse(payload)
    except Exception as error:  # RecursionError and UnicodeDecodeError too
        raise Fault(UNMARSHAL_ERROR, "Unable to unmarshal input: {}".format(error)) from None


def parse(text: bytes) -> Any:
    """As json.loads, which for a small document takes longer to look at its own arguments than to read it."""
    try:
        decoded = text.decode("utf-8")
        value, end = _scan(decoded, 0)
        if end == len(decoded):
            return value
    except (StopIteration, ValueError):
        pass
    return json.loads(text)  # white space around it, another encoding, or an error with its words


def marshal(result: Any, encoder: Encoder) -> bytes:
    """The bytes that the client gets for `result`; bytes go through as they are.

    :raises Fault: when it cannot be written as JSON.
    """
    if isinstance(result, bytes):
        return result
    try:
        if has_named_tuple(result):
            result = without_named_tuples(result)
        return encoder.encode(result).encode("utf-8")
    except (
        Exception
    ) as error:  # TypeError, ValueError (circular), RecursionError (deep), UnicodeEncodeError (surrogates)
        raise Fault(MARSHAL_ERROR, "Unable to marshal response: {}".format(error)) from None


class Encoder(json.JSONEncoder):
    """JSON with `Decimal` as a number with all its digits, which the standard library cannot do by itself.

    A Decimal is first written as a string that the handler cannot have foreseen, then its quotes are taken away.
    """

    def __init__(self, ensure_ascii: bool) -> None:
        super().__init__(ensure_ascii=ensure_ascii, allow_nan=True)
        self._mark = ""
        self._numbers: list[str] = []
        self._under_way: dict[int, Any] = {}
        self._chunks = self._made_once()

    def encode(self, value: Any) -> str:
        try:
            if self._chunks is None:
                return self._with_numbers(super().encode(value))
            return self._with_numbers("".join(self._chunks(value, 0)))
        finally:
            if self._mark:
                self._mark = ""
                self._numbers = []
            self._under_way.clear()  # an error leaves something there

    def _made_once(self) -> Any:
        """What `encode` makes anew for each value, at the price of a small one; None: this Python has none in C."""
        make = getattr(json.encoder, "c_make_encoder", None)
        if make is None:
            return None
        quote = json.encoder.encode_basestring_ascii if self.ensure_ascii else json.encoder.encode_basestring
        separators = (self.key_separator, self.item_separator)
        try:
            return make(self._under_way, self.default, quote, None, *separators, False, False, True)
        except TypeError:
            return None

    def default(self, value: Any) -> Any:
        # Looked up by name: a handler that has never imported decimal cannot return one.
        cls = type(value)
        if cls.__name__ != "Decimal" or cls.__module__ not in ("decimal", "_pydecimal"):
            return super().default(value)
        if not self._mark:
            self._mark = "decimal-{}-".format(os.urandom(8).hex())
        self._numbers.append(str(value))
        return "{}{}".format(self._mark, len(self._numbers) - 1)

    def _with_numbers(self, text: str) -> str:
        if not self._mark:
            return text
        first, *rest = text.split('"' + self._mark)
        parts = [first]
        for part in rest:
            index, _, tail = part.partition('"')
            parts += (self._numbers[int(index)], tail)
        return "".join(parts)


_scan: Any = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def encoder() -> Encoder:
    """The encoder of the runtime that the environment names."""
    name = os.environ.get("AWS_EXECUTION_ENV", "")
    minor = name[len(_EXECUTION_ENV) :]
    writes_unescaped = name.startswith(_EXECUTION_ENV) and minor.isdigit() and int(minor) >= _FIRST_UNESCAPED_MINOR
    return Encoder(not writes_unescaped)
