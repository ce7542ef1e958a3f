"""Adding and removing deliveries: rows first, the record last, one writer at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pandas as pd

from evalkit.data.codes_warehouse import BAD_NAME, DAMAGED, NO_DELIVERY, NO_VINTAGE
from evalkit.data.warehouse._files import sweep, write_file, writing
from evalkit.data.warehouse._kinds import KINDS, ROW_GROUP, Kind, arrow_table
from evalkit.data.warehouse._record import (
    SOURCES,
    DeliveryRecord,
    adapter_version,
    current,
    delivery_id,
    new_record,
    read_records,
)
from evalkit.data.warehouse._validate import validate
from evalkit.errors import DataError, Problem
from evalkit.model.territory import is_code

if TYPE_CHECKING:
    from evalkit.data.delivery import Delivery, SourceFile
    from evalkit.data.registry import Dataset
    from evalkit.model.indicator import Indicator


@dataclass(frozen=True)
class AddResult:
    """What adding did. `changed` is False when these very files were already there; `problems` are warnings to show."""

    changed: bool
    counts: Mapping[str, int]
    record: DeliveryRecord
    problems: tuple[Problem, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)


def add(
    root: Path,
    delivery: Delivery,
    dataset: Dataset,
    files: Sequence[SourceFile],
    catalogue: Mapping[str, Indicator],
) -> AddResult:
    """Validate a delivery and keep it beside the others; the same files again change nothing."""
    for name in (dataset.id, delivery.vintage):
        if not is_code(name):
            raise DataError.of(BAD_NAME, name=name)
    with writing(root):
        records = read_records(root)
        held = _held(root, records, delivery_id(dataset.id, delivery.vintage, files, adapter_version(dataset)))
        if held is not None:
            return AddResult(False, held.counts, held, delivery.problems, delivery.skipped)
        validate(delivery, dataset, catalogue, _reference_lists(root, records))
        tidy(root, records)
        record = _write(root, delivery, dataset, files, max((r.sequence for r in records), default=0) + 1)
    return AddResult(True, record.counts, record, delivery.problems, delivery.skipped)


def _held(root: Path, records: Sequence[DeliveryRecord], wanted: str) -> DeliveryRecord | None:
    """Return the record of this very delivery, when it is the one that counts and its rows are all there."""
    counting = {record.id for record in current(records)}
    found = next((record for record in records if record.id == wanted and record.id in counting), None)
    return found if found is not None and found.is_whole(root) else None


def _reference_lists(root: Path, records: Sequence[DeliveryRecord]) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for record in current(records):
        if record.reference_lists and "territories" in record.parquet:
            rows = _listed(record.data_path(root, "territories"))
            for level, geography in record.reference_lists:
                codes = rows.loc[(rows["level"] == level) & (rows["geography"] == geography), "code"]
                found[level, geography] = found.get((level, geography), frozenset()) | set(codes)
    return found


def _listed(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: pd.DataFrame = pq.read_table(path, columns=["code", "level", "geography"]).to_pandas()
    except (pa.ArrowException, OSError) as error:
        raise DataError.of(DAMAGED, file=str(path), reason=str(error)) from error
    return rows


def tidy(root: Path, records: Sequence[DeliveryRecord]) -> None:
    """Remove what an earlier crash left behind."""
    keep = frozenset(record.data_path(root, kind) for record in records for kind in record.parquet)
    sweep(root, (*KINDS, SOURCES), keep)


def _write(
    root: Path, delivery: Delivery, dataset: Dataset, files: Sequence[SourceFile], sequence: int
) -> DeliveryRecord:
    frames = {name: getattr(delivery, name) for name in KINDS if len(getattr(delivery, name))}
    contents: dict[str, Any] = {
        "counts": {name: len(frame) for name, frame in frames.items()},
        "parquet": dict.fromkeys(frames, ""),
        "slices": _slices(delivery.observations),
        "skipped": dict(sorted(delivery.skipped.items())),
    }
    draft = new_record(dataset, delivery.vintage, files, sequence, **contents)
    paths = {name: draft.data_path(root, name) for name in frames}
    try:
        contents["parquet"] = {name: _write_rows(paths[name], KINDS[name], frame) for name, frame in frames.items()}
        record = new_record(dataset, delivery.vintage, files, sequence, **contents)
        content = record.to_json()
        write_file(record.record_path(root), lambda handle: handle.write(content))
    except BaseException:
        _discard(root, paths)
        raise
    return record


def _discard(root: Path, paths: Mapping[str, Path]) -> None:
    for path in paths.values():
        path.unlink(missing_ok=True)
    tidy(root, read_records(root))


def _write_rows(path: Path, kind: Kind, frame: pd.DataFrame) -> str:
    import pyarrow.parquet as pq

    table = arrow_table(kind, frame)

    def write(handle: BinaryIO) -> None:
        pq.write_table(table, handle, row_group_size=ROW_GROUP, compression="zstd", store_schema=False)

    return write_file(path, write)


def _slices(observations: pd.DataFrame) -> tuple[tuple[str, str, str], ...]:
    rows = observations[["indicator", "level", "geography"]].drop_duplicates()
    return tuple(sorted(tuple(row) for row in rows.itertuples(index=False, name=None)))


def remove(root: Path, dataset: str, vintage: str | None) -> tuple[DeliveryRecord, ...]:
    """Remove the deliveries of a data set (of one vintage when given) and return their records."""
    with writing(root):
        records = read_records(root)
        held = [record for record in records if record.dataset == dataset]
        if not held:
            raise DataError.of(NO_DELIVERY, dataset=dataset)
        gone = [record for record in held if vintage in (None, record.vintage)]
        if not gone:
            vintages = sorted({record.vintage for record in held})
            raise DataError.of(NO_VINTAGE, dataset=dataset, vintage=vintage, held=vintages)
        for record in gone:
            record.record_path(root).unlink(missing_ok=True)
        tidy(root, [record for record in records if record not in gone])
    return tuple(gone)
