"""Reads the names that a line of code mentions, and the instruction under way in it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType


def names_of_line(code: CodeType, line: int, instruction: int = -1) -> tuple[set[str], str]:
    """The names in a line of a function, and what the instruction at an offset is called."""
    import dis  # where it is needed at all, which is seldom

    names: set[str] = set()
    opcode = ""
    current = 0
    for each in dis.get_instructions(code):
        starts = each.starts_line
        if starts is not None and starts is not False:
            current = getattr(each, "line_number", None) or int(starts)
        if current == line and isinstance(each.argval, str):
            names.add(each.argval)
        if each.offset == instruction:
            opcode = each.opname
    return names, opcode
