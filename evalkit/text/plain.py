"""Text that leaves the house as it is: CSV cells that no spreadsheet runs, logs without control characters."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")


def safe_cell(value: object) -> str:
    """Return a CSV cell: None is empty, a number its shortest text, a text that starts like a formula gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    if text and text[0] in "=+-@\t\r\n|%" and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def printable(text: str) -> str:
    """Return a log text without terminal colours and control characters, lines kept."""
    clean = _ESCAPES.sub("", text)
    return "".join(
        character if character.isprintable() or character in "\n\t\u00a0\u202f" else "?" for character in clean
    )
