"""Findings of a run: gathered from its tasks into one table, as Parquet and as CSV."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import RunError
from evalkit.model.finding import FINDING_COLUMNS
from evalkit.model.run import DONE, TaskRecord
from evalkit.runs.codes import BAD_FINDING
from evalkit.runs.files import drafted, write_atomic
from evalkit.runs.folder import RunFolder
from evalkit.text.plain import safe_cell

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

GROUP_ROWS = 50_000
"""So many findings stand in one row group of `findings.parquet`."""
_NUMBERS = ("value", "se", "lower", "upper", "confidence", "comparator_value")
_INTEGERS = ("n", "grade")
_TEXTS = tuple(name for name in FINDING_COLUMNS if name not in _NUMBERS + _INTEGERS)
_AT_ONCE = 1_000  # findings that are held as Python objects; a row group is a multiple of it


def gather_findings(folder: RunFolder, records: Iterable[TaskRecord]) -> Iterator[dict[str, Any]]:
    """Give the findings of every published task, in the order of the tasks and of the notebook; those of one task are held at a time."""
    done = (record for record in records if record.state in DONE)
    for record in sorted(done, key=lambda r: (r.lang, r.template, r.territory)):
        yield from json.loads(folder.findings_of(record).read_text(encoding="utf-8"))


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


def write_findings(folder: RunFolder, rows: Iterable[dict[str, Any]]) -> None:
    """Write `findings.parquet` and `findings.csv` (UTF-8 with BOM; texts that a spreadsheet would run are neutralised).

    Rows are written as they come, few are held; readers find the old tables until both new ones are complete.
    """
    import pyarrow.parquet as pq

    schema = _schema()
    with (
        drafted(folder.root / "findings.parquet") as binary,
        drafted(folder.root / "findings.csv") as text,
        binary.open("wb") as target,
        pq.ParquetWriter(target, schema, compression="zstd") as parquet,
        text.open("w", encoding="utf-8", newline="") as lines,
    ):
        lines.write("\ufeff")
        writer = csv.writer(lines, lineterminator="\r\n")
        writer.writerow(FINDING_COLUMNS)
        for group in _groups(rows, schema, writer.writerows):
            parquet.write_table(group, row_group_size=GROUP_ROWS)


def _groups(
    rows: Iterable[dict[str, Any]], schema: pa.Schema, tell: Callable[[Iterable[Sequence[Any]]], object]
) -> Iterator[pa.Table]:
    """Give the rows as tables of `GROUP_ROWS`, the last one of what is left; on the way each row is told as cells of the CSV."""
    import pyarrow as pa

    left, batches = iter(rows), []
    while chunk := list(islice(left, _AT_ONCE)):
        columns = {name: [row[name] for row in chunk] for name in FINDING_COLUMNS}
        tell(zip(*(_cells(name, values) for name, values in columns.items()), strict=True))
        arrays = [pa.array(columns[name], kind) for name, kind in zip(schema.names, schema.types, strict=True)]
        batches.append(pa.RecordBatch.from_arrays(arrays, schema=schema))
        if len(batches) * _AT_ONCE == GROUP_ROWS:
            yield pa.Table.from_batches(batches, schema).combine_chunks()
            batches.clear()
    if batches:
        yield pa.Table.from_batches(batches, schema).combine_chunks()


def _cells(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return the cells of a column; its texts repeat, so that each is made safe once. Numbers are written by `csv` as `safe_cell` would."""
    if name not in _TEXTS:
        return values
    safe = {text: safe_cell(text) for text in set(values)}
    return [safe[text] for text in values]


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = dict.fromkeys(_NUMBERS, pa.float64()) | dict.fromkeys(_INTEGERS, pa.int64())
    return pa.schema([(name, kinds.get(name, pa.string())) for name in FINDING_COLUMNS])


def read_findings(
    folder: RunFolder, columns: Sequence[str] | None = None, *, where: Mapping[str, Collection[str]] | None = None
) -> pd.DataFrame:
    """Return the gathered findings of a run; an empty table when nothing was gathered yet.

    Args:
        folder: the run.
        columns: the columns that are needed, all of them when not given. Their texts then are categories: they repeat, and a
            million findings of a few columns take some ten megabytes.
        where: for columns, the texts of which a finding must have one.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = folder.root / "findings.parquet"
    if not file.is_file():
        return pd.DataFrame(columns=list(columns or FINDING_COLUMNS))
    with pq.ParquetFile(file, read_dictionary=[name for name in columns or () if name in _TEXTS]) as table:
        names = list(columns or table.schema_arrow.names)
        needed = list(dict.fromkeys((*names, *(where or ()))))
        schema = pa.schema([table.schema_arrow.field(name) for name in needed])
        batches = [batch.select(needed) for batch in _batches(table, needed, where or {})]
    found: pd.DataFrame = pa.Table.from_batches(batches, schema).select(names).to_pandas()
    return found


def each_finding(folder: RunFolder, territories: Collection[str] | None = None) -> Iterator[dict[str, Any]]:
    """Give the gathered findings of a run one by one, in their order; those of some territories when they are named."""
    import pyarrow.parquet as pq

    file = folder.root / "findings.parquet"
    if not file.is_file():
        return
    with pq.ParquetFile(file) as table:
        for batch in _batches(table, None, {} if territories is None else {"territory": territories}):
            for start in range(0, batch.num_rows, _AT_ONCE):
                yield from batch.slice(start, _AT_ONCE).to_pylist()


def _batches(
    table: pq.ParquetFile, columns: list[str] | None, where: Mapping[str, Collection[str]]
) -> Iterator[pa.RecordBatch]:
    """Give a table part by part, of each the rows that are wanted."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = {name: pa.array(sorted(texts), pa.string()) for name, texts in where.items()}
    for batch in table.iter_batches(batch_size=10 * _AT_ONCE, columns=columns):
        for name, texts in wanted.items():
            batch = batch.filter(pc.is_in(batch[name], value_set=texts))
        yield batch


def write_task_findings(path: Path, rows: list[dict[str, Any]]) -> None:
    """Keep the findings of one task until they are gathered."""
    write_atomic(path, json.dumps(rows, ensure_ascii=False, allow_nan=False, indent=0).encode())
