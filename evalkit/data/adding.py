"""Adding official files to the warehouse: from paths and the name of a data set to a recorded delivery."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.data.codes_warehouse import UNKNOWN_DATASET
from evalkit.data.delivery import Delivery, SourceFile, source_files
from evalkit.data.registry import Dataset, registry
from evalkit.data.warehouse import AddResult, Warehouse
from evalkit.data.warehouse._record import adapter_version, current
from evalkit.data.warehouse._validate import nearest
from evalkit.errors import DataError

if TYPE_CHECKING:
    from evalkit.data.warehouse import DeliveryRecord

Adapter = Callable[[Sequence[SourceFile], Dataset], Delivery]


def add_files(warehouse_path: Path | str, paths: Iterable[Path | str], dataset_id: str) -> AddResult:
    """Read official files with the adapter of their data set and keep them in the warehouse, which is made when it is not there.

    Files that are there already are not read again (`changed` is False). Raises `DataError`: unknown data set, files
    that cannot be read or are not what they should be, a warehouse that cannot be written.
    """
    dataset = find_dataset(dataset_id)
    files = source_files(paths)
    warehouse = Warehouse.open(warehouse_path, create=True)
    held = _held(warehouse, dataset, files)
    if held is not None:
        return AddResult(False, held.counts, held, skipped=held.skipped)
    return warehouse.add(_adapter(dataset)(files, dataset), dataset, files)


def find_dataset(dataset_id: str) -> Dataset:
    """Return a data set of the registry; the error names the nearest one."""
    found = registry().get(dataset_id)
    if found is None:
        raise DataError.of(UNKNOWN_DATASET, dataset=dataset_id, nearest=nearest(dataset_id, registry()))
    return found


def _held(warehouse: Warehouse, dataset: Dataset, files: Sequence[SourceFile]) -> DeliveryRecord | None:
    hashes = {file.sha256 for file in files}
    version = adapter_version(dataset)
    for record in current(warehouse.records):
        same = (record.dataset, record.adapter_version) == (dataset.id, version)
        if same and {sha256 for _, sha256 in record.files} == hashes and record.is_whole(warehouse.root):
            return record
    return None


def _adapter(dataset: Dataset) -> Adapter:
    module, _, function = dataset.adapter.partition(":")
    found: Adapter = getattr(importlib.import_module(module), function)
    return found
