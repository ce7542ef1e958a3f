"""What the charts of many territories, and of the money of a programme, are drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from evalkit.charts.inputs import Point

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate


@dataclass(frozen=True)
class FunnelPoint:
    """One territory: its size (population, households...) and its value, or the status that stands for both."""

    label: str
    size: float | None
    value: float | None
    status: str = "published"

    def __post_init__(self) -> None:
        Point(self.label, self.value, self.status)  # the same rule: a value goes with published or estimated
        if self.value is not None and not (self.size and math.isfinite(self.size) and self.size > 0):
            raise ValueError(f"{self.label}: a value needs a size, a positive number")


@dataclass(frozen=True)
class FunnelLimit:
    """Between which values a territory of a size stays by chance alone, at a level of confidence."""

    confidence: float
    size: float
    lower: float
    upper: float


@dataclass(frozen=True)
class FunnelData:
    """Territories by size, around a common value with its limits; `highlighted` is the label of the one in blue."""

    measure: str
    unit: str
    size_label: str
    points: tuple[FunnelPoint, ...]
    target: float
    limits: tuple[FunnelLimit, ...]
    highlighted: str = ""
    target_label: str = ""
    sign: int = 0
    decimals: int | None = None
    indicator: str = ""

    @classmethod
    def of(
        cls,
        estimate: Estimate,
        points: Sequence[FunnelPoint],
        *,
        measure: str,
        unit: str,
        size_label: str,
        times: float = 1.0,
        **more: Any,
    ) -> FunnelData:
        """Read the result of `evalkit.stats.funnel_limits`; `times` brings it to `unit` (100 for a proportion in percent)."""
        if estimate.table is None:
            raise ValueError("the estimate has no table of limits to draw")
        limits = tuple(
            FunnelLimit(
                float(row["confidence"]),
                float(row["denominator"]),
                times * float(row["lower"]),
                times * float(row["upper"]),
            )
            for row in estimate.table.to_dict("records")
        )
        return cls(measure, unit, size_label, tuple(points), times * estimate.value, limits, **more)


@dataclass(frozen=True)
class StripRow:
    """One territory on a strip: its value or status with its interval, and how it reads (`evalkit.charts.READINGS`)."""

    label: str
    point: Point
    reading: str = "untested"


@dataclass(frozen=True)
class StripData:
    """How an indicator is spread over territories at one period, without ranking them."""

    measure: str
    unit: str
    period: str
    rows: tuple[StripRow, ...]
    highlighted: str = ""
    median: float | None = None
    sign: int = 0
    decimals: int | None = None
    indicator: str = ""


@dataclass(frozen=True)
class Area:
    """One territory on a map: a shapely geometry in longitude and latitude (polygon or point), its value or status."""

    label: str
    shape: Any
    value: float | None
    status: str = "published"

    def __post_init__(self) -> None:
        Point(self.label, self.value, self.status)  # the same rule: a value goes with published or estimated


@dataclass(frozen=True)
class MapData:
    """The value of an indicator in each territory of a map; `breaks` are the inner limits of the classes (quantiles when empty).

    `outlines` are limits drawn behind (departments); `highlighted` is the label of the territory to be found at once.
    """

    measure: str
    unit: str
    period: str
    areas: tuple[Area, ...]
    outlines: tuple[Any, ...] = ()
    breaks: tuple[float, ...] = ()
    highlighted: str = ""
    decimals: int | None = None
    indicator: str = ""


@dataclass(frozen=True)
class WaterfallStep:
    """One bar of a waterfall: a `change` added to what stands, or a `total` that is given and stands on the axis."""

    label: str
    value: float | None
    kind: Literal["change", "total"] = "change"
    status: str = "published"

    def __post_init__(self) -> None:
        Point(self.label, self.value, self.status)  # the same rule: a value goes with published or estimated


@dataclass(frozen=True)
class WaterfallData:
    """How a total is made and what becomes of it, step by step, in one unit (operations, dwellings, euros)."""

    territory: str
    measure: str
    unit: str
    steps: tuple[WaterfallStep, ...]
    decimals: int | None = None
    indicator: str = ""
