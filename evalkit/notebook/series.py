"""What the reader gives: the series of a territory, and the values of what it is set against."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evalkit.model.indicator import Indicator
from evalkit.model.observation import WITH_VALUE, Observation
from evalkit.model.plan import Comparator, Prices


@dataclass(frozen=True)
class Series:
    """One indicator of one territory over time, in the unit it is shown in (constant prices already applied)."""

    indicator: Indicator
    breakdown: str
    territory: str
    level: str
    rows: tuple[Observation, ...]
    prices: Prices | None = None

    def at(self, period: str) -> Observation | None:
        """Return the observation of a period."""
        return next((row for row in self.rows if row.period == period), None)

    def latest(self, until: str | None = None) -> Observation | None:
        """Return the latest published observation up to a period, else the first one after it, else any.

        A source that starts after the reference period is shown with its own period rather than left out.
        """
        known = [row for row in self.rows if row.status in WITH_VALUE]
        before = [row for row in known if until is None or row.period <= until]
        if known:
            return before[-1] if before else known[0]
        rows = [row for row in self.rows if until is None or row.period <= until]
        others = rows or list(self.rows)
        return others[-1] if others else None

    @property
    def periods(self) -> tuple[str, ...]:
        """Return the periods that have a row."""
        return tuple(row.period for row in self.rows)


@dataclass(frozen=True)
class Group:
    """What a territory is set against, for one indicator: the published value of each member at each period."""

    comparator: Comparator
    level: str
    members: tuple[str, ...]
    values: Mapping[str, Mapping[str, float]]

    @property
    def is_single(self) -> bool:
        """Say whether this is one place (a parent), not a set."""
        return self.comparator.kind in ("parent", "rest_of_parent")

    def at(self, period: str) -> list[float]:
        """Return the published values of a period, in the order of the members' codes."""
        found = self.values.get(period, {})
        return [found[code] for code in sorted(found)]


def with_interval(row: Observation, indicator: Indicator, confidence: float = 0.95) -> Observation:
    """Return the observation with the interval of its indicator's method, when counts allow one and none was published."""
    from evalkit.stats import proportion_interval, rate_interval

    if row.value is None or row.lower is not None or row.numerator is None or not row.denominator:
        return row
    if indicator.interval_method in ("wilson", "wilson_census"):
        estimate = proportion_interval(row.numerator, row.denominator, confidence=confidence)
        scale = indicator.multiplier
    elif indicator.interval_method == "byar":
        estimate = rate_interval(row.numerator, row.denominator, multiplier=indicator.multiplier, confidence=confidence)
        scale = 1.0
    else:
        return row
    if estimate.lower is None or estimate.upper is None:
        return row
    return replace(row, lower=estimate.lower * scale, upper=estimate.upper * scale, confidence=confidence)
