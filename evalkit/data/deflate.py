"""Constant prices: euros of different years brought to the prices of one year, with a stated index."""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.codes_warehouse import BAD_DEFLATOR
from evalkit.errors import DataError
from evalkit.model.texts import LocalText
from evalkit.text import msg

_FOLDER = Path(__file__).parent / "deflators"
_SUFFIXES = frozenset({".yaml", ".yml", ".csv"})
_MONEY = ("value", "lower", "upper")


@dataclass(frozen=True)
class Deflator:
    """A price index by year, with the source that a report quotes and what must be known before publication."""

    id: str
    index: Mapping[int, float]
    title: LocalText = LocalText()
    source: str = ""
    note: LocalText = field(default_factory=LocalText)


def deflate(values: pd.DataFrame, *, base: int, deflator: str | Path = "insee_cpi") -> pd.DataFrame:
    """Return the euros of a frame in the constant prices of the year `base`.

    `values` has the columns `period` (a year as text) and `value`; `lower` and `upper` follow when they are there, missing
    values stay missing, the frame given is not changed. `deflator` is the name of a shipped index or the path of the
    user's own (CSV `year,index` or YAML `index: {2012: 98.6}`). Raises `DataError` for a year that the index lacks.
    """
    index = load_deflator(deflator)
    years = {period: _year(str(period), index) for period in sorted(set(values["period"]))}
    _require(index, {base, *years.values()})
    factor = values["period"].map({period: index.index[base] / index.index[year] for period, year in years.items()})
    return values.assign(**{name: values[name] * factor for name in _MONEY if name in values})


def _year(period: str, index: Deflator) -> int:
    if len(period) == 4 and period.isdigit():
        return int(period)
    raise DataError.of(BAD_DEFLATOR, deflator=index.id, reason=msg("{period} is not a year", period=period))


def _require(index: Deflator, years: set[int]) -> None:
    missing = sorted(years - set(index.index))
    if missing:
        known = f"{min(index.index)}-{max(index.index)}"
        reason = msg("it has no index for {years} (it covers {known})", years=missing, known=known)
        raise DataError.of(BAD_DEFLATOR, deflator=index.id, reason=reason)


def load_deflator(name: str | Path) -> Deflator:
    """Return a shipped deflator by its name, or the user's own by its path."""
    return _load(Path(name) if Path(name).suffix in _SUFFIXES else _FOLDER / f"{name}.yaml")


@functools.lru_cache(maxsize=16)
def _load(path: Path) -> Deflator:
    try:
        raw = _read_csv(path) if path.suffix == ".csv" else _read_yaml(path)
        index = {int(year): float(value) for year, value in raw["index"].items()}
    except (OSError, KeyError, TypeError, AttributeError, ValueError) as error:
        reason = msg("it cannot be read ({reason})", reason=str(error))
        raise DataError.of(BAD_DEFLATOR, deflator=path.stem, reason=reason) from error
    if not index or not all(math.isfinite(value) and value > 0 for value in index.values()):
        raise DataError.of(BAD_DEFLATOR, deflator=path.stem, reason=msg("every index must be a number above 0"))
    texts = {
        name: LocalText(**raw[name]) if isinstance(raw.get(name), dict) else LocalText() for name in ("title", "note")
    }
    return Deflator(str(raw.get("id", path.stem)), index, source=str(raw.get("source", "")), **texts)


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(raw, dict):
        raise TypeError(path.name)
    return raw


def _read_csv(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return {"index": {row["year"]: row["index"] for row in csv.DictReader(handle)}}
