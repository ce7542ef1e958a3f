"""What the charts of a programme are drawn from: operations, structures, shares, outcomes and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evalkit.charts.inputs import Mark, Point


@dataclass(frozen=True)
class DeliveryRow:
    """What a family of operations planned, committed and delivered, in one unit written in the reader's language."""

    family: str
    unit_label: str
    planned: float | None
    committed: float | None
    delivered: float | None


@dataclass(frozen=True)
class DeliveryData:
    """The delivery of a programme in a territory, by family of operations."""

    territory: str
    rows: tuple[DeliveryRow, ...]
    as_of: str = ""


@dataclass(frozen=True)
class SurvivalGroup:
    """A Kaplan-Meier curve: share alive (0 to 1) from each `times` on, its bounds, and the numbers at risk at some times."""

    label: str
    times: tuple[float, ...]
    survival: tuple[float, ...]
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()
    at_risk: Mapping[float, int] = field(default_factory=dict)
    n: int = 0
    events: int = 0

    def at(self, time: float, values: Sequence[float] | None = None) -> float | None:
        """Return the share alive at `time` (or the step value of another series), None after the end of the follow-up."""
        if self.times and time > self.times[-1]:
            return None
        steps = self.survival if values is None else values
        reached = [share for moment, share in zip(self.times, steps, strict=True) if moment <= time]
        return reached[-1] if reached else 1.0


@dataclass(frozen=True)
class SurvivalData:
    """The survival of structures supported by a programme, and of those that were not."""

    territory: str
    supported: SurvivalGroup
    others: SurvivalGroup | None = None
    horizon: int = 5
    confidence: float = 0.95


@dataclass(frozen=True)
class ShareRow:
    """The share of one category, in percent, with its interval and its count; `comparator` is the same share elsewhere."""

    label: str
    share: Point
    count: int | None = None
    comparator: float | None = None


@dataclass(frozen=True)
class SharesData:
    """How a whole is shared between categories (families of structures, exits from insertion...)."""

    territory: str
    measure: str
    rows: tuple[ShareRow, ...]
    comparator_label: str = ""
    total: int | None = None
    indicator: str = ""


@dataclass(frozen=True)
class OutcomeRow:
    """One outcome indicator: baseline, milestones, target and the latest value."""

    indicator: str
    label: str
    unit: str
    latest: Point
    baseline: Mark | None = None
    milestones: tuple[Mark, ...] = ()
    target: Mark | None = None
    decimals: int | None = None


@dataclass(frozen=True)
class OutcomesData:
    """The outcome indicators of a programme in a territory."""

    territory: str
    rows: tuple[OutcomeRow, ...]


@dataclass(frozen=True)
class LocatorData:
    """Where a territory lies: shapely geometries in longitude and latitude (WGS84), polygons or points.

    `others` are the territories it is set among, `outlines` the limits drawn behind (departments), `facts` the text
    equivalent: pairs such as (`Commune`, `Montpellier`), in the reader's language.
    """

    territory: str
    place: Any
    others: tuple[Any, ...] = ()
    others_label: str = ""
    outlines: tuple[Any, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
