"""Columns of numbers as they come: decimal commas, spaces between thousands, a percent sign, and marks that are no number."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from evalkit.data.codes import BAD_YEAR, FRACTIONS, NEGATIVE, NOT_A_NUMBER
from evalkit.data.reading.table import Table, refuse
from evalkit.errors import DataError, Problem
from evalkit.text import Quantity

SECRET_MARKS = frozenset({"s", "c"})
MISSING_MARKS = frozenset({"nd", "n.d.", "n/d", "nc", "n.c.", "n/a", "na", "nan", "-", "–", "...", ":"})
INSIGNIFICANT_MARKS = frozenset({"ns", "n.s."})
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[\s\u00a0\u202f\u2009']\d{3})+(?:[.,]\d+)?")


def read_numbers(table: Table, column: str) -> pd.DataFrame:
    """Return two columns: `value` and `mark` (`""` for a number, else `blank`, `secret`, `missing`, `insignificant`).

    A mark is never read as zero; a text that is neither a number nor a known mark is refused with its line.
    """
    text = table.frame[column]
    value = pd.to_numeric(text.where(text != ""), errors="coerce").astype("float64")
    mark = pd.Series("", index=text.index, dtype="str").mask(text == "", "blank")
    odd = (value.isna() | np.isinf(value)) & (mark == "")
    for index in text.index[odd]:
        number, found = _read_one(text[index])
        value[index], mark[index] = number, found
    unread = mark == "?"
    refuse(
        [
            Problem(NOT_A_NUMBER, {"text": item, "column": column}, table.file.name, int(line))
            for item, line in zip(text[unread], table.lines[unread], strict=True)
        ]
    )
    return pd.DataFrame({"value": value, "mark": mark})


def _read_one(text: str) -> tuple[float, str]:
    low = text.casefold()
    for marks, name in ((SECRET_MARKS, "secret"), (MISSING_MARKS, "missing"), (INSIGNIFICANT_MARKS, "insignificant")):
        if low in marks:
            return float("nan"), name
    bare = text.replace("\u2212", "-").removesuffix("%").strip()
    if _SPACES.search(bare) and not _GROUPED.fullmatch(bare):
        return float("nan"), "?"
    bare = _SPACES.sub("", bare)
    if not _NUMBER.fullmatch(bare):
        return float("nan"), "?"
    return float(bare.replace(",", ".")), ""


def check_percent(table: Table, column: str, value: pd.Series) -> None:
    """Refuse a column of percentages whose values are all between 0 and 1: they are fractions."""
    largest = value.max()
    if value.notna().sum() > 1 and 0 < largest <= 1:
        shown = Quantity(float(largest), "ratio", 3)
        raise DataError.of(FRACTIONS, file=table.file.name, path=f"$.{column}", column=column, largest=shown)


def check_positive(table: Table, column: str, value: pd.Series) -> None:
    """Refuse a value below zero where none can be."""
    below = value < 0
    refuse(
        [
            Problem(NEGATIVE, {"text": text, "column": column}, table.file.name, int(line))
            for text, line in zip(table.frame.loc[below, column], table.lines[below], strict=True)
        ]
    )


def read_years(table: Table, column: str) -> pd.Series:
    """Return a column of years as text of four digits."""
    years = table.frame[column].str.replace(r"\.0+$", "", regex=True)
    bad = ~years.str.fullmatch(r"(?:19|20)\d\d")
    refuse(
        [
            Problem(BAD_YEAR, {"text": text or '""', "column": column}, table.file.name, int(line))
            for text, line in zip(table.frame.loc[bad, column], table.lines[bad], strict=True)
        ]
    )
    return years
