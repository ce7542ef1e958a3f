"""Rates between two indicators that no place can have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from evalkit.data.checks._series import POPULATION, last_values, newest, some
from evalkit.data.codes_warehouse import IMPLAUSIBLE_RATE
from evalkit.errors import Problem
from evalkit.model.observation import NO_BREAKDOWN
from evalkit.text import Quantity

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse
    from evalkit.model.indicator import Indicator

_LIMIT = 0.30


def implausible_rates(warehouse: Warehouse) -> Iterator[Problem]:
    """Find territories where the persons registered as seeking work exceed 30 % of all inhabitants."""
    population = last_values(warehouse, POPULATION)
    registers = [name for name, definition in warehouse.catalogue.items() if _is_register(definition)]
    rows = newest(warehouse.all_observations(indicators=sorted(registers), breakdowns=[NO_BREAKDOWN]))
    for (indicator, level, geography), part in rows.groupby(["indicator", "level", "geography"]):
        inhabitants = part["territory"].map(population.get((str(level), str(geography)), pd.Series(dtype="float64")))
        high = part[part["value"] > _LIMIT * inhabitants]
        for (dataset, period), found in high.groupby(["dataset", "period"]):
            values = {
                "indicator": indicator, "population": POPULATION, "dataset": dataset, "period": period,
                "n": Quantity(len(found)), "limit": Quantity(100 * _LIMIT, "percent", 0), "codes": some(found["territory"]),
            }  # fmt: skip
            yield Problem(IMPLAUSIBLE_RATE, values)


def _is_register(definition: Indicator) -> bool:
    """A count of persons from the register of jobseekers."""
    return definition.unit == "persons" and definition.disclosure == "dares"
