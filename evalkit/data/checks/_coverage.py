"""Series with holes: how many territories have a value, and whether those without are the small ones."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from evalkit.data.checks._series import ENOUGH, Series
from evalkit.data.codes_warehouse import LOW_COVERAGE, LOW_COVERAGE_SIZE
from evalkit.errors import Problem
from evalkit.model.observation import NO_BREAKDOWN
from evalkit.text import Quantity

_ENOUGH_SHARE = 0.80


def low_coverage(series: Series) -> Iterator[Problem]:
    """Find data sets and periods where some, but fewer than 80 %, of the territories concerned have a value."""
    if series.breakdown != NO_BREAKDOWN:
        return
    concerned = series.rows[series.rows["status"] != "not_applicable"]
    for (dataset, period), rows in concerned.groupby(["dataset", "period"]):
        shown = rows["value"].notna()
        if len(rows) >= ENOUGH and 0 < shown.mean() < _ENOUGH_SHARE:
            yield _problem(series, str(dataset), str(period), rows, shown)


def _problem(series: Series, dataset: str, period: str, rows: pd.DataFrame, shown: pd.Series) -> Problem:
    values = {
        "indicator": series.label, "dataset": dataset, "period": period, "level": series.level,
        "n": Quantity(int(shown.sum())), "total": Quantity(len(rows)), "share": Quantity(100 * shown.mean(), "percent"),
    }  # fmt: skip
    population = rows["territory"].map(series.population)
    sizes = {"shown": population[shown].median(), "hidden": population[~shown].median()}
    if any(pd.isna(size) for size in sizes.values()):
        return Problem(LOW_COVERAGE, values)
    return Problem(LOW_COVERAGE_SIZE, values | {name: Quantity(float(size)) for name, size in sizes.items()})
