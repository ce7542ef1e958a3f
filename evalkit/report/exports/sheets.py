"""What a workbook is made of, whatever writes it: sheets of typed columns and plain cells."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "code", "number", "long"]


@dataclass(frozen=True)
class SheetColumn:
    """A column: its head, and whether it holds texts, codes (texts that look like numbers), numbers or long texts."""

    head: str
    kind: Kind = "text"


@dataclass(frozen=True)
class Number:
    """A number of a cell, with the decimals that are shown; the whole of it is kept."""

    value: float
    decimals: int


Value = str | int | Number | None


@dataclass(frozen=True)
class Sheet:
    """One table under one row of heads."""

    name: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Book:
    """A workbook in one language; `made` is the end of the run, so that equal runs give equal bytes."""

    title: str
    subject: str
    author: str
    lang: str
    made: datetime.datetime
    sheets: tuple[Sheet, ...]
