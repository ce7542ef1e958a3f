"""Changes between two following periods that are too large to be changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.data.checks._series import ENOUGH, POPULATION, Series, decimals, some
from evalkit.data.codes_warehouse import JUMP, POPULATION_JUMP
from evalkit.errors import Code, Problem
from evalkit.text import Quantity

_FAR = 8.0
_MAD_TO_SD = 1.4826
_HALF = 0.5


def jumps(series: Series) -> Iterator[Problem]:
    """Find territories whose change lies beyond eight robust standard deviations (MAD x 1.4826) of all changes.

    Counts are compared in proportion (logarithms). The spread is at least one rounding step, so that a series of few
    decimals does not raise alarms by itself.
    """
    for dataset, start, end, table in _pairs(series):
        if len(table) < ENOUGH:
            continue
        changes = _changes(table, start, end, relative=series.is_count)
        middle = changes.median()
        step = 0.0 if series.is_count else 10.0 ** -decimals(table[end])
        spread = max(_MAD_TO_SD * float((changes - middle).abs().median()), step)
        far = changes[(changes - middle).abs() > _FAR * spread] if spread > 0 else changes.iloc[:0]
        if len(far):
            yield _problem(JUMP, series, dataset, start, end, far)


def population_jumps(series: Series) -> Iterator[Problem]:
    """Find territories whose population changes by more than half from one known year to the next."""
    if series.indicator != POPULATION or series.breakdown != "none":
        return
    for dataset, start, end, table in _pairs(series):
        share = (table[end] / table[start].where(table[start] > 0) - 1).abs()
        large = share[share > _HALF]
        if len(large):
            yield _problem(POPULATION_JUMP, series, dataset, start, end, large)


def _pairs(series: Series) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    for dataset in series.datasets():
        table = series.table(dataset)
        for start, end in itertools.pairwise(table.columns):
            yield dataset, str(start), str(end), table[[start, end]].dropna()


def _changes(table: pd.DataFrame, start: str, end: str, *, relative: bool) -> pd.Series:
    if not relative:
        return table[end] - table[start]
    positive = table[(table > 0).all(axis=1)]
    return (positive[end] / positive[start]).map(np.log)


def _problem(code: Code, series: Series, dataset: str, start: str, end: str, found: pd.Series) -> Problem:
    values = {"indicator": series.label, "dataset": dataset, "start": start, "end": end}
    return Problem(code, values | {"n": Quantity(len(found)), "codes": some(found.index)})
