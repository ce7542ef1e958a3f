"""Figures and tables: what a chart hands to a notebook and a notebook to a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class DataTable:
    """The data behind a figure, already rendered in the reader's language: a caption, column heads and rows of cells.

    `numeric` tells which columns are numbers (right-aligned); the first column is the row head.
    `raw` holds machine-readable records for CSV and JSON.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...] = ()
    raw: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Figure:
    """One figure of a report: what it shows (title), what it measures (subtitle), its picture, its data and its reading lines.

    `kind` `chart` has `svg` (the picture as inline SVG text); `table` has `html` rows made by the house (indicator table) and no SVG.
    `alt` is written for this figure and is never empty. All texts are in the reader's language.
    """

    id: str
    kind: Literal["chart", "table"]
    title: str
    subtitle: str
    alt: str
    data: DataTable
    svg: str = ""
    html: str = ""
    lecture: str = ""
    champ: str = ""
    source: str = ""
    note: str = ""
    indicators: tuple[str, ...] = field(default_factory=tuple)
