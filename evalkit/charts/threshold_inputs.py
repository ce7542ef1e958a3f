"""What the chart of a jump at a threshold is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.charts.binning import equal_bins, local_line
from evalkit.charts.inputs import Point

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate


@dataclass(frozen=True)
class Bin:
    """The mean outcome of `n` territories whose running variable lies around `x`."""

    x: float
    y: float
    n: int


@dataclass(frozen=True)
class DiscontinuityData:
    """A jump at a threshold: means of equal numbers of territories on each side, and the two lines that meet there.

    A line is two places `(x, y)`, the second of the left line and the first of the right one at the threshold.
    """

    measure: str
    unit: str
    running: str
    running_unit: str
    cutoff: float
    bins: tuple[Bin, ...]
    left: tuple[tuple[float, float], ...] = ()
    right: tuple[tuple[float, float], ...] = ()
    jump: Point | None = None
    bandwidth: float | None = None
    sign: int = 0
    decimals: int | None = None
    running_decimals: int | None = None
    indicator: str = ""

    @classmethod
    def of(
        cls,
        estimate: Estimate,
        running: Sequence[float],
        outcome: Sequence[float],
        *,
        cutoff: float,
        measure: str,
        running_label: str,
        unit: str,
        running_unit: str,
        sign: int = 0,
        decimals: int | None = None,
        running_decimals: int | None = None,
        indicator: str = "",
    ) -> DiscontinuityData:
        """Read the result of `regression_discontinuity` and the observations it was made from (outcomes in `unit`).

        The lines are the local linear fits inside the bandwidth, with triangular weights; each mean covers at least five
        territories. `estimate` is in the unit of a difference (points for percentages).
        """
        found = estimate.details.get("bandwidth")
        width = None if found is None else float(found)
        pairs = sorted(zip(map(float, running), map(float, outcome), strict=True))
        sides = [(x, y) for x, y in pairs if x < cutoff], [(x, y) for x, y in pairs if x >= cutoff]
        lines = [() if width is None else local_line(side, cutoff, width) for side in sides]
        bins = tuple(Bin(*one) for side in sides for one in equal_bins(side))
        jump = Point("", estimate.value, "published", estimate.lower, estimate.upper)
        return cls(
            measure, unit, running_label, running_unit, float(cutoff), bins, lines[0], lines[1], jump, width, sign,
            decimals, running_decimals, indicator,
        )  # fmt: skip
