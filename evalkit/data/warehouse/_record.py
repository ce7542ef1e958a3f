"""The record of a delivery: what was added, from which files, in which order. A delivery without record does not exist."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.data.codes_warehouse import DAMAGED
from evalkit.errors import DataError
from evalkit.model.texts import LocalText

if TYPE_CHECKING:
    from evalkit.data.delivery import SourceFile
    from evalkit.data.registry import Dataset

SOURCES = "sources"


@dataclass(frozen=True)
class DeliveryRecord:
    """One delivery as the warehouse keeps it; `sequence` orders deliveries, the newest has the highest.

    `parquet` gives the SHA-256 of the file of each kind; `slices` the (indicator, level, geography) of its observations.
    """

    id: str
    dataset: str
    vintage: str
    adapter_version: str
    sequence: int
    priority: int
    title: LocalText
    publisher_label: LocalText
    producer: str
    licence: str
    attribution: str
    landing_page: str
    geography: str
    disclosure: str
    synthetic: bool
    files: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    parquet: Mapping[str, str]
    slices: tuple[tuple[str, str, str], ...] = ()
    reference_lists: tuple[tuple[str, str], ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def file_names(self) -> frozenset[str]:
        """Return the names of the files it was read from."""
        return frozenset(name for name, _ in self.files)

    def data_path(self, root: Path, kind: str) -> Path:
        """Return where the rows of a kind lie."""
        return root / kind / self.dataset / self.vintage / f"{self.id}.parquet"

    def record_path(self, root: Path) -> Path:
        """Return where this record lies."""
        return root / SOURCES / self.dataset / self.vintage / f"{self.id}.json"

    def is_whole(self, root: Path) -> bool:
        """Say whether all its rows are there."""
        return all(self.data_path(root, kind).is_file() for kind in self.parquet)

    def to_json(self) -> bytes:
        """Return the record as it is written: sorted, without dates, so that equal deliveries have equal records."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def delivery_id(dataset: str, vintage: str, files: Iterable[SourceFile], adapter_version: str) -> str:
    """Return the identity of a delivery: data set, vintage, the set of its source files and the version of the adapter."""
    hashes = sorted({file.sha256 for file in files})
    return hashlib.sha256("\n".join((dataset, vintage, adapter_version, *hashes)).encode()).hexdigest()[:12]


def adapter_version(dataset: Dataset) -> str:
    """Return the version of a data set's adapter: a corrected adapter makes a new delivery of the same files."""
    return str(getattr(dataset, "adapter_version", "1"))


def new_record(
    dataset: Dataset, vintage: str, files: Sequence[SourceFile], sequence: int, **contents: Any
) -> DeliveryRecord:
    """Return the record of a delivery about to be written."""
    version = adapter_version(dataset)
    return DeliveryRecord(
        id=delivery_id(dataset.id, vintage, files, version),
        dataset=dataset.id,
        vintage=vintage,
        adapter_version=version,
        sequence=sequence,
        priority=dataset.priority,
        title=dataset.title,
        publisher_label=dataset.publisher_label,
        producer=dataset.producer,
        licence=dataset.licence,
        attribution=dataset.attribution,
        landing_page=dataset.landing_page,
        geography=dataset.geography,
        disclosure=dataset.disclosure,
        synthetic=dataset.synthetic,
        files=tuple(sorted((file.name, file.sha256) for file in files)),
        reference_lists=tuple(sorted(dataset.reference_lists)),
        **contents,
    )


def read_records(root: Path) -> tuple[DeliveryRecord, ...]:
    """Return every recorded delivery, oldest first."""
    found = (_read(path) for path in sorted((root / SOURCES).glob("*/*/*.json")))
    return tuple(sorted(found, key=lambda record: (record.sequence, record.dataset, record.vintage, record.id)))


def _read(path: Path) -> DeliveryRecord:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return DeliveryRecord(**(raw | {name: build(raw[name]) for name, build in _BUILD.items()}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError.of(DAMAGED, file=str(path), reason=str(error)) from error


def _tuples(rows: Iterable[Iterable[str]]) -> tuple[Any, ...]:
    return tuple(tuple(row) for row in rows)


_BUILD: dict[str, Any] = {
    "title": lambda raw: LocalText(**raw),
    "publisher_label": lambda raw: LocalText(**raw),
    "files": _tuples,
    "slices": _tuples,
    "reference_lists": _tuples,
}


def current(records: Sequence[DeliveryRecord]) -> tuple[DeliveryRecord, ...]:
    """Return the deliveries that still count.

    A delivery of the same data set and vintage that brings all the same files again (corrected, or read by a corrected
    adapter) replaces the older one as a whole: a value that was withdrawn must not shine through. Files of other names
    are further parts of the vintage and stand beside it.
    """
    return tuple(old for old in records if not any(_replaces(new, old) for new in records))


def _replaces(new: DeliveryRecord, old: DeliveryRecord) -> bool:
    same = (new.dataset, new.vintage) == (old.dataset, old.vintage)
    return same and new.sequence > old.sequence and new.file_names >= old.file_names


def fingerprint_of(root: Path, records: Sequence[DeliveryRecord] | None = None) -> str:
    """Return a hash of all that a query can return: equal fingerprints give equal answers. `records` are those that it holds, read if not given."""
    digest = hashlib.sha256()
    for record in current(read_records(root) if records is None else records):
        parts = (record.id, str(record.priority), *(f"{k}={v}" for k, v in sorted(record.parquet.items())))
        digest.update(" ".join(parts).encode() + b"\n")
    for path in sorted((root / "crosswalks").rglob("*.csv")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
