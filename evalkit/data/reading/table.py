"""Text tables and sheets, read as text only: each row keeps its line, a damaged line is refused, nothing is guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from evalkit.data.codes import (
    AND_MORE,
    BAD_CODE,
    DUPLICATE_KEY,
    FIELD_COUNT,
    NO_LAST_BREAK,
    OPEN_QUOTE,
    TRUNCATED,
    TWICE_IN_HEADER,
)
from evalkit.data.delivery import SourceFile
from evalkit.data.reading.container import Content
from evalkit.errors import DataError, Problem
from evalkit.text import Message

MOST_SHOWN = 20
_SEPARATORS = ",;\t|"


@dataclass(frozen=True)
class Table:
    """A table of text: `frame` has the columns of the file, blank is `""`; `lines` gives the line of each row."""

    file: SourceFile
    frame: pd.DataFrame
    lines: pd.Series
    problems: tuple[Problem, ...] = ()

    def where(self, mask: pd.Series) -> Table:
        """Return the rows of the mask."""
        return replace(
            self, frame=self.frame[mask].reset_index(drop=True), lines=self.lines[mask].reset_index(drop=True)
        )

    def filled(self, column: str) -> int:
        """Return how many fields of a column are not blank."""
        return int((self.frame[column] != "").sum())


def header_of(content: Content) -> list[str]:
    """Return the header of a text table, its names stripped."""
    first = next((line for line in content.text.splitlines() if line.strip()), "")
    return [name.strip() for name in next(csv.reader([first], delimiter=_separator(first)), [])]


def first_row_of(content: Content) -> dict[str, str]:
    """Return the first row of a text table by column name; empty when it has none."""
    lines = [line for line in content.text.splitlines()[:50] if line.strip()]
    if len(lines) < 2:
        return {}
    names, values = list(csv.reader(lines[:2], delimiter=_separator(lines[0])))[:2]
    return {name.strip(): value.strip() for name, value in zip(names, values, strict=False)}


def read_csv(content: Content, file: SourceFile, page: str) -> Table:
    """Return the text table; every line with a wrong number of fields is reported, a cut last line by its name."""
    first = next((line for line in content.text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(content.text, newline=""), delimiter=_separator(first), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError.of(OPEN_QUOTE, file=file.name, line=start, page=page) from error
    header = [name.strip() for name in rows[0]]
    _check_header(header, file, lines[0])
    _check_widths(rows, lines, len(header), file, page)
    frame = pd.DataFrame(rows[1:], columns=header, dtype="str").apply(lambda column: column.str.strip())
    problems = content.problems
    if not content.text.endswith(("\n", "\r")):
        problems = (*problems, Problem(NO_LAST_BREAK, {}, file.name, lines[-1]))
    return Table(file, frame, pd.Series(lines[1:], dtype="int64"), problems)


def from_rows(rows: Sequence[Sequence[object]], header_row: int, data_row: int, file: SourceFile) -> Table:
    """Return a sheet as a table of text: names stand on `header_row`, data from `data_row` on (both count from 1)."""
    header = [_cell(value) for value in rows[header_row - 1]]
    _check_header(header, file, header_row)
    body = [[_cell(value) for value in row] for row in rows[data_row - 1 :]]
    kept = [(number, row) for number, row in enumerate(body, start=data_row) if any(row)]
    frame = pd.DataFrame([row for _, row in kept], columns=header, dtype="str")
    return Table(file, frame, pd.Series([number for number, _ in kept], dtype="int64"))


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def _check_header(header: list[str], file: SourceFile, line: int) -> None:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    refuse([Problem(TWICE_IN_HEADER, {"column": name}, file.name, line) for name in twice])


def _check_widths(rows: list[list[str]], lines: list[int], width: int, file: SourceFile, page: str) -> None:
    wrong = [(index, len(row)) for index, row in enumerate(rows) if len(row) != width]
    problems = []
    for index, found in wrong:
        cut = index == len(rows) - 1 and found < width
        values = {"found": found, "expected": width, "page": page}
        problems.append(Problem(TRUNCATED if cut else FIELD_COUNT, values, file.name, lines[index]))
    refuse(problems)


def refuse(problems: Sequence[Problem]) -> None:
    """Raise all problems at once, in the order of their lines; a long list is cut, and says how much was cut."""
    if not problems:
        return
    ordered = sorted(problems, key=lambda item: (item.file or "", item.line or 0, item.code.id))
    if len(ordered) > MOST_SHOWN:
        rest = len(ordered) - MOST_SHOWN
        ordered = [*ordered[:MOST_SHOWN], Problem(AND_MORE, {"count": rest}, ordered[-1].file)]
    raise DataError(ordered)


def check_codes(table: Table, column: str, pattern: str, expected: Message) -> None:
    """Refuse every row whose code does not have the form that this column must have."""
    bad = ~table.frame[column].str.fullmatch(pattern)
    refuse(
        [
            Problem(
                BAD_CODE, {"code": code or '""', "column": column, "expected": expected}, table.file.name, int(line)
            )
            for code, line in zip(table.frame.loc[bad, column], table.lines[bad], strict=True)
        ]
    )


def check_unique(table: Table, columns: Sequence[str]) -> None:
    """Refuse every row that repeats the key of an earlier row; both lines are named."""
    keys = table.frame[list(columns)].agg(" ".join, axis=1) if len(columns) > 1 else table.frame[columns[0]]
    again = keys.duplicated(keep="first")
    if not again.any():
        return
    first = dict(zip(keys[~again], table.lines[~again], strict=True))
    refuse(
        [
            Problem(DUPLICATE_KEY, {"key": key, "first": int(first[key])}, table.file.name, int(line))
            for key, line in zip(keys[again], table.lines[again], strict=True)
        ]
    )


def codes_as_text(series: pd.Series) -> pd.Series:
    """Return codes that a spreadsheet turned into numbers as codes again: `200066355.0` is `200066355`."""
    return series.str.replace(re.compile(r"^(\d+)\.0+$"), r"\1", regex=True)
