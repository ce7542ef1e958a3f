"""The findings of a choice as rows, and the table in CSV: the contract's columns, texts that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from evalkit.model.finding import FINDING_COLUMNS
from evalkit.report.exports.choice import Choice
from evalkit.report.exports.columns import COLUMNS
from evalkit.runs import each_finding
from evalkit.text.plain import safe_cell


def finding_rows(choice: Choice) -> Iterator[dict[str, Any]]:
    """Give the findings of the chosen reports, in their order in the run; a value that does not exist is None."""
    wanted = {(record.lang, record.template, record.territory) for record in choice.records}
    for row in each_finding(choice.folder, choice.territories if choice.asked.territories else None):
        if (row["lang"], row["template"], row["territory"]) in wanted:
            yield row


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as CSV: UTF-8 with a byte order mark, commas, decimal points, lines that end as RFC 4180 says."""
    content = io.BytesIO()
    text = io.TextIOWrapper(content, encoding="utf-8", newline="")
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    text.flush()
    return content.getvalue()


def findings_csv(choice: Choice) -> bytes:
    """Return `findings.csv` of the chosen reports: the table of the run, its columns and its bytes where nothing is left out."""
    return csv_bytes(FINDING_COLUMNS, ([row[name] for name in FINDING_COLUMNS] for row in finding_rows(choice)))


def columns_csv(lang: str) -> bytes:
    """Return what the columns of `findings.csv` mean, as a table of its own."""
    rows = [(c.name, c.head.render(lang), c.meaning.render(lang)) for c in COLUMNS.values()]
    return csv_bytes(("column", "label", "meaning"), rows)
