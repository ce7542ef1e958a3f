"""What a delivery must be before it enters the warehouse; every problem is found in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalkit.data.codes_warehouse import (
    BAD_BOUNDS,
    BAD_COLUMNS,
    DUPLICATED,
    EMPTY_KEY,
    LEVEL_NOT_ALLOWED,
    NOT_FINITE,
    NOT_TEXT,
    UNKNOWN_INDICATOR,
    UNKNOWN_STATUS,
    VALUE_AND_STATUS,
    WRONG_SOURCE,
)
from evalkit.data.warehouse._kinds import KINDS, Kind
from evalkit.data.warehouse._places import place_problems
from evalkit.errors import Code, DataError, Problem
from evalkit.model.observation import STATUSES, WITH_VALUE
from evalkit.text import NO_VALUE, Quantity, msg

if TYPE_CHECKING:
    from evalkit.data.delivery import Delivery
    from evalkit.data.registry import Dataset
    from evalkit.data.warehouse._places import ReferenceLists
    from evalkit.model.indicator import Indicator

SHOWN = 10


def validate(
    delivery: Delivery, dataset: Dataset, catalogue: Mapping[str, Indicator], reference_lists: ReferenceLists
) -> None:
    """Raise `DataError` with every reason why this delivery cannot enter the warehouse."""
    frames = {name: getattr(delivery, name) for name in KINDS}
    problems = [p for name, kind in KINDS.items() for p in _shape(kind, frames[name], dataset)]
    if not problems:
        problems = [p for name, kind in KINDS.items() for p in _rows(kind, frames[name], dataset)]
        problems += _values(frames["observations"], dataset)
        problems += _definitions(frames["observations"], catalogue)
        problems += place_problems(frames, dataset, reference_lists)
    if problems:
        raise DataError(problems)


def _shape(kind: Kind, frame: pd.DataFrame, dataset: Dataset) -> Iterator[Problem]:
    missing = sorted(set(kind.columns) - set(frame.columns))
    unknown = sorted({str(column) for column in frame.columns} - set(kind.columns))
    if missing or unknown:
        values = {
            "kind": kind.name,
            "dataset": dataset.id,
            "missing": missing or NO_VALUE,
            "unknown": unknown or NO_VALUE,
        }
        yield Problem(BAD_COLUMNS, values)
        return
    for column in kind.texts:
        if not _is_text(frame[column]):
            yield Problem(NOT_TEXT, {"column": column, "kind": kind.name, "dataset": dataset.id})


def _is_text(column: pd.Series) -> bool:
    """Say whether a column holds text alone; the type of the column tells it at once when it is the type of texts."""
    return isinstance(column.dtype, pd.StringDtype) or all(isinstance(cell, str) for cell in column.dropna())


def _rows(kind: Kind, frame: pd.DataFrame, dataset: Dataset) -> Iterator[Problem]:
    if frame.empty:
        return
    needed = dict.fromkeys((*kind.key, "source", "vintage"))
    needed.pop("funder", None)
    for column in needed:
        empty = int((frame[column].isna() | (frame[column] == "")).sum())
        if empty:
            yield Problem(EMPTY_KEY, {"column": column, "n": Quantity(empty), "kind": kind.name, "dataset": dataset.id})
    sources = sorted(set(frame["source"].dropna()) - {dataset.id})
    if sources:
        yield Problem(WRONG_SOURCE, {"kind": kind.name, "dataset": dataset.id, "sources": sources[:SHOWN]})
    repeated = frame.loc[frame.duplicated(list(kind.key)), list(kind.key)].drop_duplicates()
    if len(repeated):
        keys = sorted(" ".join(str(cell) for cell in row) for row in repeated.itertuples(index=False))
        values = {"n": Quantity(len(repeated)), "kind": kind.name, "dataset": dataset.id, "keys": keys[:3]}
        yield Problem(DUPLICATED, values)


def _values(frame: pd.DataFrame, dataset: Dataset) -> Iterator[Problem]:
    statuses = sorted(set(frame["status"].fillna("")) - set(STATUSES))
    if statuses:
        yield Problem(UNKNOWN_STATUS, {"statuses": statuses[:SHOWN], "dataset": dataset.id})
    has_value, wants_value = frame["value"].notna(), frame["status"].isin(list(WITH_VALUE))
    yield from _by_indicator(VALUE_AND_STATUS, frame[has_value != wants_value])
    for column in KINDS["observations"].numbers:
        infinite = np.isinf(frame[column].to_numpy(dtype="float64", na_value=np.nan))
        yield from _by_indicator(NOT_FINITE, frame[infinite], column=column)
    lower, value, upper = (frame[name] for name in ("lower", "value", "upper"))
    yield from _by_indicator(BAD_BOUNDS, frame[(lower > value) | (value > upper) | (lower > upper)])


def _by_indicator(code: Code, wrong: pd.DataFrame, **values: object) -> Iterator[Problem]:
    for indicator, rows in wrong.sort_values(["territory", "period"]).groupby("indicator"):
        first = rows.iloc[0]
        found = {
            "n": Quantity(len(rows)),
            "territory": first["territory"],
            "period": first["period"],
            "indicator": indicator,
        }
        yield Problem(code, found | values)


def _definitions(frame: pd.DataFrame, catalogue: Mapping[str, Indicator]) -> Iterator[Problem]:
    pairs = frame[["indicator", "level"]].dropna().drop_duplicates().sort_values(["indicator", "level"])
    for indicator in pairs["indicator"].drop_duplicates():
        if indicator not in catalogue:
            yield Problem(UNKNOWN_INDICATOR, {"indicator": indicator, "nearest": nearest(indicator, catalogue)})
    for indicator, level in pairs.itertuples(index=False):
        known = catalogue.get(indicator)
        if known is not None and level not in known.levels:
            yield Problem(LEVEL_NOT_ALLOWED, {"indicator": indicator, "level": level, "levels": list(known.levels)})


def nearest(name: str, known: Mapping[str, object]) -> object:
    """Return ` (did you mean x?)` as a text to put behind an unknown name, or nothing."""
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1)
    return msg(" (did you mean {name}?)", name=close[0]) if close else ""
