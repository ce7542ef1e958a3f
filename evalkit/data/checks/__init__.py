"""What looks wrong in the data, and why: checks that find traps in official files without knowing their names.

Each check is a function of one series (an indicator at one level, as every data set gives it) or of the whole warehouse;
it answers with problems of severity `warning`. Nothing is corrected here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from evalkit.data.checks._changes import jumps, population_jumps
from evalkit.data.checks._coverage import low_coverage
from evalkit.data.checks._places import kept_missing, orphans
from evalkit.data.checks._rates import implausible_rates
from evalkit.data.checks._series import Series, all_series
from evalkit.data.checks._sources import disagreements, wrong_vintages
from evalkit.data.checks._values import (
    all_multiples,
    fractions,
    out_of_range,
    precision_drops,
    suspicious_zeros,
)
from evalkit.errors import Problem

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

__all__ = ["SERIES_CHECKS", "Series", "check_warehouse"]

SERIES_CHECKS: tuple[Callable[[Series], Iterator[Problem]], ...] = (
    wrong_vintages,
    disagreements,
    suspicious_zeros,
    all_multiples,
    precision_drops,
    out_of_range,
    fractions,
    jumps,
    population_jumps,
    low_coverage,
)


def check_warehouse(warehouse: Warehouse) -> list[Problem]:
    """Return everything that looks wrong in the warehouse, sorted by code: what, why it matters, and what to do."""
    found = [problem for series in all_series(warehouse) for check in SERIES_CHECKS for problem in check(series)]
    found += [*implausible_rates(warehouse), *orphans(warehouse), *kept_missing(warehouse)]
    return sorted(found, key=lambda problem: (problem.code.id, problem.render("en")))
