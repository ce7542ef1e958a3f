"""Where territories lie among the limits of a funnel."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts.place_inputs import FunnelData, FunnelLimit, FunnelPoint


def levels(data: FunnelData) -> list[tuple[float, list[FunnelLimit]]]:
    """Return the limits of each level of confidence, the narrowest level first, by size."""
    every = sorted({one.confidence for one in data.limits})
    return [
        (level, sorted((one for one in data.limits if one.confidence == level), key=lambda one: one.size))
        for level in every
    ]


def place_of(point: FunnelPoint, limits: Sequence[FunnelLimit]) -> str:
    """Say where a territory lies: `inside`, `above` or `below` the limits for its size, or `unknown` without a value."""
    if point.value is None or point.size is None:
        return "unknown"
    lower, upper = _at(limits, point.size)
    return "above" if point.value > upper else "below" if point.value < lower else "inside"


def _at(limits: Sequence[FunnelLimit], size: float) -> tuple[float, float]:
    """Return the limits for a size, on the straight line between the two nearest sizes."""
    after = next((place for place, one in enumerate(limits) if one.size >= size), len(limits) - 1)
    one, two = limits[max(after - 1, 0)], limits[after]
    share = (size - one.size) / (two.size - one.size) if two.size > one.size else 0.0
    share = min(max(share, 0.0), 1.0)
    return one.lower + share * (two.lower - one.lower), one.upper + share * (two.upper - one.upper)
