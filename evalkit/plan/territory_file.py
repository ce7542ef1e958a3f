"""The list of territories that a plan may keep in a file of its own: a text with one code a line, or a CSV table."""

from __future__ import annotations

import csv
from pathlib import Path

from evalkit.errors import Problem
from evalkit.model.territory import is_code
from evalkit.plan.codes import NOT_A_CODE, TERRITORY_FILE
from evalkit.plan.nearest import shorten
from evalkit.text import msg

_DELIMITERS = ";\t,"


def read_territory_file(path: Path) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the codes of a territory file, each once, in their order, and what is wrong with it.

    Args:
        path: UTF-8 text; the column `code`, or else the first one. Empty lines and lines that start with `#` are left out;
            a first line whose first cell holds no digit is a heading.

    Raises:
        OSError: the file cannot be opened.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = msg("it is not UTF-8 text: save it again as UTF-8")
        return (), (Problem(TERRITORY_FILE, {"name": path.name, "reason": reason}, str(path)),)
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _counts(line)]
    rows = _rows(lines)
    has_heading = bool(rows) and not any(character.isdigit() for character in rows[0][1][0])
    column = _column(rows.pop(0)[1]) if has_heading else 0
    cells = [(number, row[column].strip() if column < len(row) else "") for number, row in rows]
    wrong = [Problem(NOT_A_CODE, {"value": shorten(c)}, str(path), number) for number, c in cells if not is_code(c)]
    codes = tuple(dict.fromkeys(cell for _, cell in cells if is_code(cell)))
    if not cells:
        reason = msg("it holds no code")
        wrong.append(Problem(TERRITORY_FILE, {"name": path.name, "reason": reason}, str(path)))
    return codes, tuple(wrong)


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _rows(lines: list[tuple[int, str]]) -> list[tuple[int, list[str]]]:
    if not lines:
        return []
    delimiter = max(_DELIMITERS, key=lines[0][1].count)
    return [(number, _cells(line, delimiter)) for number, line in lines]


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(iter(csv.reader([line], delimiter=delimiter, strict=False)), [""])
    except csv.Error:
        return [line]


def _column(heading: list[str]) -> int:
    names = [cell.strip().lower() for cell in heading]
    return names.index("code") if "code" in names else 0
