"""What an adapter hands to the warehouse: frames with fixed columns, what looked odd, and what was left aside."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evalkit.errors import DataError, Problem

OBSERVATION_COLUMNS: tuple[str, ...] = (
    "territory", "level", "geography", "indicator", "period", "breakdown", "value", "lower", "upper", "confidence",
    "numerator", "denominator", "n", "status", "source", "vintage", "file_sha256", "note",
)  # fmt: skip
OBSERVATION_NUMBERS: tuple[str, ...] = ("value", "lower", "upper", "confidence", "numerator", "denominator", "n")
OBSERVATION_KEY: tuple[str, ...] = ("territory", "level", "geography", "indicator", "period", "breakdown")
TERRITORY_COLUMNS: tuple[str, ...] = (
    "code", "level", "geography", "name", "parents", "tags", "longitude", "latitude", "geometry", "synthetic", "source",
    "vintage", "file_sha256",
)  # fmt: skip
TERRITORY_NUMBERS: tuple[str, ...] = ("longitude", "latitude")
TERRITORY_KEY: tuple[str, ...] = ("code", "level", "geography")
OPERATION_COLUMNS: tuple[str, ...] = (
    "id", "territory", "level", "geography", "programme", "family", "label", "unit", "planned", "committed", "delivered",
    "cost_planned", "cost_committed", "cost_paid", "funder", "start", "end_planned", "end_actual", "source", "vintage",
    "file_sha256",
)  # fmt: skip
OPERATION_NUMBERS: tuple[str, ...] = (
    "planned", "committed", "delivered", "cost_planned", "cost_committed", "cost_paid",
)  # fmt: skip
STRUCTURE_COLUMNS: tuple[str, ...] = (
    "id", "territory", "level", "geography", "programme", "family", "supported", "created", "ended", "observed_until",
    "jobs_start", "jobs_end", "grant", "insertion_entries", "insertion_exits_positive", "insertion_exits", "source",
    "vintage", "file_sha256",
)  # fmt: skip
STRUCTURE_NUMBERS: tuple[str, ...] = (
    "jobs_start", "jobs_end", "grant", "insertion_entries", "insertion_exits_positive", "insertion_exits",
)  # fmt: skip
REFERENCE_COLUMNS: tuple[str, ...] = (
    "list", "code", "label", "unit", "details", "source", "vintage", "file_sha256",
)  # fmt: skip

_NUMBERS = frozenset((*OBSERVATION_NUMBERS, *TERRITORY_NUMBERS, *OPERATION_NUMBERS, *STRUCTURE_NUMBERS))
_FLAGS = frozenset({"synthetic", "supported"})
_BYTES = frozenset({"geometry"})


def frame(columns: Iterable[str], data: Mapping[str, object] | pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a frame with exactly these columns, in this order, each of its fixed type; a column not given is empty."""
    names = tuple(columns)
    given = pd.DataFrame() if data is None else pd.DataFrame(data)
    unknown = [name for name in given.columns if name not in names]
    if unknown:
        raise ValueError(f"columns {unknown} do not belong in this frame")
    built = {name: _typed(given[name] if name in given else pd.Series([None] * len(given)), name) for name in names}
    return pd.DataFrame({name: series.reset_index(drop=True) for name, series in built.items()}, columns=list(names))


def _typed(series: pd.Series, name: str) -> pd.Series:
    if name in _NUMBERS:
        return pd.to_numeric(series).astype("float64")
    if name in _FLAGS:
        return series.astype("boolean").fillna(value=False).astype("bool")
    return series.astype("object") if name in _BYTES else series.astype("str")


def _empty_observations() -> pd.DataFrame:
    return frame(OBSERVATION_COLUMNS)


def _empty_territories() -> pd.DataFrame:
    return frame(TERRITORY_COLUMNS)


def _empty_operations() -> pd.DataFrame:
    return frame(OPERATION_COLUMNS)


def _empty_structures() -> pd.DataFrame:
    return frame(STRUCTURE_COLUMNS)


def _empty_references() -> pd.DataFrame:
    return frame(REFERENCE_COLUMNS)


@dataclass(frozen=True)
class Delivery:
    """One delivery of a data set.

    `problems` are warnings that the user sees; `skipped` counts the filled values of each column that has no
    indicator yet, so that nothing is dropped in silence.
    """

    vintage: str
    observations: pd.DataFrame = field(default_factory=_empty_observations)
    territories: pd.DataFrame = field(default_factory=_empty_territories)
    operations: pd.DataFrame = field(default_factory=_empty_operations)
    structures: pd.DataFrame = field(default_factory=_empty_structures)
    references: pd.DataFrame = field(default_factory=_empty_references)
    problems: tuple[Problem, ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceFile:
    """A file that was given, with the hash of its bytes."""

    path: Path
    sha256: str

    @property
    def name(self) -> str:
        """Return the file name, as problems show it."""
        return self.path.name


def source_files(paths: Iterable[Path | str]) -> tuple[SourceFile, ...]:
    """Return the files with their hashes, in the order of their names; every file that cannot be read is reported at once."""
    from evalkit.data.codes import FILE_UNREADABLE

    found: list[SourceFile] = []
    problems: list[Problem] = []
    for path in sorted({Path(item) for item in paths}, key=lambda item: (item.name, str(item))):
        try:
            with path.open("rb") as handle:
                found.append(SourceFile(path, hashlib.file_digest(handle, "sha256").hexdigest()))
        except OSError as error:
            problems.append(Problem(FILE_UNREADABLE, {"reason": error.strerror or "?"}, str(path)))
    if problems:
        raise DataError(problems)
    return tuple(found)
