"""Findings of a run: gathered from its tasks into one table, as Parquet and as CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import RunError
from evalkit.model.finding import FINDING_COLUMNS
from evalkit.model.run import DONE, TaskRecord
from evalkit.runs.codes import BAD_FINDING
from evalkit.runs.files import write_atomic
from evalkit.runs.folder import RunFolder
from evalkit.text.plain import safe_cell

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = ("value", "se", "lower", "upper", "confidence", "comparator_value")
_INTEGERS = ("n", "grade")


def gather_findings(folder: RunFolder, records: Iterable[TaskRecord]) -> list[dict[str, Any]]:
    """Return the findings of every published task, in the order of the tasks and of the notebook."""
    rows: list[dict[str, Any]] = []
    for record in sorted(records, key=lambda r: (r.lang, r.template, r.territory)):
        if record.state in DONE:
            rows += json.loads(folder.findings_of(record).read_text(encoding="utf-8"))
    return rows


def check_findings(rows: Iterable[dict[str, Any]]) -> None:
    """Raise `RunError` when a row is not one of the contract: other columns, or a value of another kind than its column's."""
    for row in rows:
        odd = sorted(set(FINDING_COLUMNS) ^ set(row)) or [
            name for name in FINDING_COLUMNS if not _fits(name, row[name])
        ]
        if odd:
            raise RunError.of(BAD_FINDING, name=odd[0][:60])


def _fits(name: str, value: object) -> bool:
    if value is None:
        return True
    if name in _NUMBERS or name in _INTEGERS:
        return type(value) is int or (type(value) is float and name in _NUMBERS and math.isfinite(value))
    return isinstance(value, str)


def write_findings(folder: RunFolder, rows: list[dict[str, Any]]) -> None:
    """Write `findings.parquet` and `findings.csv` (UTF-8 with BOM; texts that a spreadsheet would run are neutralised)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {name: pa.float64() for name in _NUMBERS} | {name: pa.int64() for name in _INTEGERS}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in FINDING_COLUMNS])
    table = pa.Table.from_pylist([{name: row[name] for name in FINDING_COLUMNS} for row in rows], schema=schema)
    parquet = io.BytesIO()
    pq.write_table(table, parquet, compression="zstd")
    write_atomic(folder.root / "findings.parquet", parquet.getvalue())
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(FINDING_COLUMNS)
    writer.writerows([safe_cell(row[name]) for name in FINDING_COLUMNS] for row in rows)
    write_atomic(folder.root / "findings.csv", text.getvalue().encode("utf-8-sig"))


def read_findings(folder: RunFolder) -> pd.DataFrame:
    """Return the gathered findings of a run; an empty table when nothing was gathered yet."""
    import pandas as pd

    file = folder.root / "findings.parquet"
    if not file.is_file():
        return pd.DataFrame(columns=list(FINDING_COLUMNS))
    return pd.read_parquet(file)


def write_task_findings(path: Path, rows: list[dict[str, Any]]) -> None:
    """Keep the findings of one task until they are gathered."""
    write_atomic(path, json.dumps(rows, ensure_ascii=False, allow_nan=False, indent=0).encode())
