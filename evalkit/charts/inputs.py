"""What charts are drawn from: plain frozen records, in the unit they are shown in, with the status of each value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.model.observation import WITH_VALUE


@dataclass(frozen=True)
class Captions:
    """The texts around a figure, in the reader's language: `title` says what it shows, `subtitle` what it measures."""

    title: str
    subtitle: str = ""
    lecture: str = ""
    champ: str = ""
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Point:
    """One value of a series with its period and status. A value goes with `published` or `estimated`, and only with them."""

    period: str
    value: float | None
    status: str = "published"
    lower: float | None = None
    upper: float | None = None

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.status in WITH_VALUE):
            raise ValueError(f"{self.period}: a value goes with published or estimated, and only with them")
        if any(number is not None and not math.isfinite(number) for number in (self.value, self.lower, self.upper)):
            raise ValueError(f"{self.period}: a number to be drawn must be finite; give its status instead")

    @property
    def has_interval(self) -> bool:
        """Say whether the value and both bounds exist."""
        return self.value is not None and self.lower is not None and self.upper is not None


@dataclass(frozen=True)
class Spread:
    """How the comparators are spread at one period: median and middle half of the `n` published out of `total`."""

    period: str
    median: float | None
    q1: float | None = None
    q3: float | None = None
    n: int | None = None
    total: int | None = None

    @classmethod
    def of(cls, period: str, values: Sequence[float | None], total: int | None = None) -> Spread:
        """Describe the values of one period; the middle half needs four values, the median one."""
        known = finite(values)
        if not known:
            return cls(period, None, n=0, total=total)
        low, high = (quantile(known, 0.25), quantile(known, 0.75)) if len(known) >= 4 else (None, None)
        return cls(period, quantile(known, 0.5), low, high, len(known), total)


@dataclass(frozen=True)
class Comparator:
    """A named comparator over time: a parent territory (medians only) or a set of territories (with its middle half)."""

    label: str
    spreads: tuple[Spread, ...]

    @classmethod
    def of(cls, label: str, values: Mapping[str, Sequence[float | None]], total: int | None = None) -> Comparator:
        """Build the comparator from the values of each period."""
        return cls(label, tuple(Spread.of(period, values[period], total) for period in sorted(values)))

    def at(self, period: str) -> Spread | None:
        """Return the spread of a period, if there is one."""
        return next((spread for spread in self.spreads if spread.period == period), None)


@dataclass(frozen=True)
class Mark:
    """A dated value of the plan: a baseline, a milestone or a target."""

    period: str
    value: float


@dataclass(frozen=True)
class TrendData:
    """A territory's series set against comparators. `comparator` is drawn as a band and a line, `reference` as a dashed line."""

    territory: str
    measure: str
    points: tuple[Point, ...]
    unit: str
    decimals: int | None = None
    comparator: Comparator | None = None
    reference: Comparator | None = None
    breaks: tuple[str, ...] = ()
    baseline: Mark | None = None
    milestones: tuple[Mark, ...] = ()
    target: Mark | None = None
    indicator: str = ""


@dataclass(frozen=True)
class ChangeData:
    """A territory's change from `start` to `end`, in `unit` (points for percentages), against the changes of `others`."""

    territory: str
    measure: str
    start: str
    end: str
    unit: str
    change: Point
    others: tuple[float, ...]
    others_label: str
    sign: int = 0
    decimals: int | None = None
    confidence: float = 0.95
    breaks: tuple[str, ...] = ()
    indicator: str = ""


def finite(values: Sequence[float | None]) -> list[float]:
    """Return the numbers that exist, sorted."""
    return sorted(float(value) for value in values if value is not None and math.isfinite(value))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of sorted values by linear interpolation (the common default, type 7)."""
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
