"""The registry of official data sets: who publishes what, under which licence, how its files are recognised and read."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from evalkit.model.indicator import Break
from evalkit.model.texts import LocalText

_FOLDER = Path(__file__).parent / "datasets"


@dataclass(frozen=True)
class FileSpec:
    """One kind of file of a data set: its usual name (a glob), the columns that recognise it, and where to get it.

    `kind` is `csv`, `xls`, `geojson` or `topojson`; `columns` are header names of a table, or property names of a map
    (a name that starts with `~` is a pattern). `key` names the column of codes, `key_pattern` their form, of which
    `key_example` is one.
    `sheet`, `header_row` and `data_row` say where the table stands in a workbook; rows count from 1.
    """

    role: str
    name: str
    kind: str
    columns: tuple[str, ...]
    help: LocalText = LocalText()
    key: str = ""
    key_pattern: str = ""
    key_example: str = ""
    sheet: str = ""
    header_row: int = 1
    data_row: int = 2


@dataclass(frozen=True)
class Dataset:
    """An official data set. `priority`: where two sets hold the same value, the lower number is read first.

    `reference_lists` names the (level, geography) for which this data set is the official list of territories;
    `refused` says why a file that looks like official data is not imported (then there is no adapter).
    """

    id: str
    title: LocalText
    producer: str
    publisher_label: LocalText
    licence: str
    attribution: str
    landing_page: str
    geography: str
    disclosure: str
    priority: int
    files: tuple[FileSpec, ...] = ()
    breaks: tuple[Break, ...] = ()
    caveats: tuple[LocalText, ...] = ()
    synthetic: bool = False
    adapter: str = ""
    vintage: str | None = None
    reference_lists: tuple[tuple[str, str], ...] = ()
    refused: LocalText = LocalText()

    def file(self, role: str) -> FileSpec:
        """Return the file of a role, for example `table` or `contours`."""
        return next(item for item in self.files if item.role == role)


@functools.cache
def registry() -> Mapping[str, Dataset]:
    """Return the data sets that can be imported, by id, in alphabetical order."""
    return MappingProxyType({key: item for key, item in _all().items() if item.adapter})


@functools.cache
def refused_files() -> tuple[Dataset, ...]:
    """Return the known files that look like official data and are not: each says why it is not imported."""
    return tuple(item for item in _all().values() if item.refused)


@functools.cache
def _all() -> Mapping[str, Dataset]:
    from evalkit.data.registry_schema import load_dataset

    found = (load_dataset(path) for path in sorted(_FOLDER.glob("*.yaml")))
    return {item.id: item for item in found}
