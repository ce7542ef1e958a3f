"""The files beside a report: the data of each figure as CSV and JSON, and its picture as SVG.

CSV is UTF-8 with a byte order mark and commas, decimal points, one header line. A text that a spreadsheet would run as a
formula gets a leading apostrophe; numbers, negative ones too, stay numbers, and codes keep their zeros.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from evalkit.model.figure import DataTable, Figure
from evalkit.text.plain import safe_cell

_VIEW_BOX = re.compile(r'viewBox="\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)\s*"')


FIGURES_FOLDER = "figures"
"""Where the files of the portfolio's own figures lie in a run, by language; those of a report lie beside its page."""


def figure_doors(figure: Figure, folder: str) -> tuple[tuple[str, str], ...]:
    """Return the links to the files of a figure in a folder (as it stands in an address), each with its kind."""
    endings = ("csv", "json", "svg") if figure.svg else ("csv", "json")
    return tuple((ending.upper(), f"{folder}/{quote(figure.id)}.{ending}") for ending in endings)


def figure_files(figures: Iterable[Figure], territory: str | None) -> dict[str, bytes]:
    """Return the content of every file of some figures by its name (`trend-in_tp60.csv`), sorted; `territory` is None for a whole programme."""
    files: dict[str, bytes] = {}
    for figure in figures:
        files[f"{figure.id}.csv"] = csv_bytes(figure.data)
        files[f"{figure.id}.json"] = json_bytes(figure, territory)
        if figure.svg:
            files[f"{figure.id}.svg"] = standalone_svg(figure).encode()
    return dict(sorted(files.items()))


def records(data: DataTable) -> tuple[Mapping[str, Any], ...]:
    """Return the machine-readable records of a table; the shown cells where a chart gave none."""
    return data.raw or tuple(dict(zip(data.columns, row, strict=True)) for row in data.rows)


def csv_bytes(data: DataTable) -> bytes:
    """Return the data of a figure as CSV; a value that does not exist is an empty cell, its status stands beside it."""
    rows = records(data)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in columns])
    writer.writerows([safe_cell(_plain(row.get(name))) for name in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def json_bytes(figure: Figure, territory: str | None) -> bytes:
    """Return the data of a figure with its texts and its source as JSON, each record on a line of its own."""
    content = {
        "figure": figure.id,
        "territory": territory,
        "title": figure.title,
        "subtitle": figure.subtitle,
        "alt": figure.alt,
        "lecture": figure.lecture,
        "champ": figure.champ,
        "note": figure.note,
        "source": figure.source,
        "indicators": list(figure.indicators),
    }
    rows = ({name: _plain(value) for name, value in row.items()} for row in records(figure.data))
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows)
    texts = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1).removesuffix("\n}")
    return f'{texts},\n "data": [\n{lines}\n ]\n}}\n'.encode()


def standalone_svg(figure: Figure) -> str:
    """Return the picture as a file of its own: with its size, a title and a white ground."""
    size = _VIEW_BOX.search(figure.svg)
    width, height = size.groups() if size else ("720", "330")
    start = figure.svg.index(">") + 1
    head = re.sub(r'\s(?:width|height)="[^"]*"', "", figure.svg[: start - 1])
    ground = '<rect width="100%" height="100%" fill="#ffffff"/>'
    style = "<style>text{font-family:system-ui,'Noto Sans',sans-serif;font-variant-numeric:tabular-nums}</style>"
    title = f"<desc>{escape(figure.title)}. {escape(figure.subtitle)}</desc>"
    body = figure.svg[start:]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head} width="{width}" height="{height}">{title}{style}{ground}{body}\n'


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
