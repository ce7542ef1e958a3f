"""One series as the checks see it: an indicator at one level, every data set beside the others."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalkit.model.observation import NO_BREAKDOWN
from evalkit.text import UNITS, Quantity

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse
    from evalkit.model.indicator import Indicator

ENOUGH = 20
"""Under this number of territories nothing is said about a distribution."""
POPULATION = "de_pop"
_SHOWN = 5
_MOST_DECIMALS = 6


@dataclass(frozen=True)
class Series:
    """The rows of one indicator, level, geography and breakdown; one row for each territory, period and data set.

    `population` gives the last known population of a territory of this level, where there is one.
    """

    indicator: str
    level: str
    geography: str
    breakdown: str
    rows: pd.DataFrame
    definition: Indicator | None
    population: pd.Series

    @property
    def label(self) -> str:
        """Return the indicator as messages name it, with its breakdown."""
        return self.indicator if self.breakdown == NO_BREAKDOWN else f"{self.indicator} [{self.breakdown}]"

    @property
    def unit(self) -> str:
        """Return the unit, `ratio` when the indicator has no definition."""
        return "ratio" if self.definition is None else self.definition.unit

    @property
    def is_count(self) -> bool:
        """Say whether values count things, so that changes are read in proportion."""
        return self.unit in {"count", "persons", "households", "dwellings", "jobs", "structures", "fte", "hours"}

    @functools.cached_property
    def known(self) -> pd.DataFrame:
        """The rows that hold a value."""
        return self.rows[self.rows["value"].notna()]

    def parts(self) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Yield (data set, period, rows with a value) where there are enough rows to speak of a distribution."""
        for (dataset, period), rows in self.known.groupby(["dataset", "period"]):
            if len(rows) >= ENOUGH:
                yield str(dataset), str(period), rows

    def table(self, dataset: str) -> pd.DataFrame:
        """Return the values of a data set, territories down and periods across."""
        rows = self.known[self.known["dataset"] == dataset]
        return rows.pivot_table(index="territory", columns="period", values="value", aggfunc="first").sort_index(axis=1)

    def datasets(self) -> list[str]:
        """Return the data sets that hold values, preferred ones first."""
        ranked = self.known[["priority", "dataset"]].drop_duplicates().sort_values(["priority", "dataset"])
        return list(ranked["dataset"].drop_duplicates())

    def number(self, value: float) -> Quantity:
        """Return a value with the unit of the indicator, for a message."""
        unit = self.unit if self.unit in UNITS else "ratio"
        return Quantity(float(value), unit, max(UNITS[unit].decimals, min(3, decimals(pd.Series([value])))))


def all_series(warehouse: Warehouse) -> Iterator[Series]:
    """Yield every series of the warehouse, one indicator in memory at a time."""
    population = last_values(warehouse, POPULATION)
    slices = {slice_ for record in warehouse.records for slice_ in record.slices}
    for indicator in sorted({slice_[0] for slice_ in slices}):
        rows = newest(warehouse.all_observations(indicators=[indicator]))
        for (level, geography, breakdown), part in rows.groupby(["level", "geography", "breakdown"]):
            known = population.get((str(level), str(geography)), pd.Series(dtype="float64"))
            definition = warehouse.catalogue.get(indicator)
            yield Series(indicator, str(level), str(geography), str(breakdown), part, definition, known)


def newest(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one row for each key of each data set, the newest delivery that counts."""
    keys = ["dataset", "territory", "level", "geography", "indicator", "period", "breakdown"]
    ordered = rows[rows["current"]].sort_values("sequence", kind="stable")
    return ordered.drop_duplicates(keys, keep="last").sort_values([*keys], ignore_index=True)


def last_values(warehouse: Warehouse, indicator: str) -> dict[tuple[str, str], pd.Series]:
    """Return the last known value of an indicator by territory, for each (level, geography)."""
    rows = warehouse.observations(indicators=[indicator], breakdowns=["none"])
    known = (
        rows[rows["value"].notna()]
        .sort_values("period")
        .drop_duplicates(["level", "geography", "territory"], keep="last")
    )
    return {
        (str(level), str(geography)): part.set_index("territory")["value"]
        for (level, geography), part in known.groupby(["level", "geography"])
    }


def decimals(values: pd.Series) -> int:
    """Return how many decimals the values are written with (99 of 100 of them, six at most)."""
    numbers = values.to_numpy(dtype="float64")
    for places in range(_MOST_DECIMALS):
        close = np.isclose(numbers, np.round(numbers, places), rtol=1e-12, atol=1e-9)
        if close.mean() >= 0.99:
            return places
    return _MOST_DECIMALS


def some(codes: pd.Series | pd.Index) -> list[str]:
    """Return the first codes in alphabetical order, for a message."""
    return sorted(str(code) for code in codes.unique())[:_SHOWN]
