"""Did those concerned aim at the threshold? The density of the running variable on either side of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Row, Vector, confidence_level, enough, judged, positive, scalar, table, vector
from evalkit.stats._laws import normal_p, two_sided_z
from evalkit.text import Message, Quantity, msg

ORDER = 2
LOCAL = 20 + ORDER + 1
PILOT_CURVE = 3430865.4551236177795
PILOT_SLOPE = 548.57142857155463389
"""Constants of the normal reference for order 2 and the triangular kernel (Cattaneo, Jansson & Ma 2020, supplement)."""


def density_test(
    values: Sequence[float] | Vector | pd.Series,
    cutoff: float,
    *,
    bandwidth: tuple[float, float] | float | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Say whether observations pile up on one side of the threshold, as they do when it was aimed at.

    Args:
        values: the running variable, one number per territory.
        cutoff: the threshold; a value at it counts as above.
        bandwidth: window below and above (one number for both); by default the middle one of three choices of least mean squared error
            (each side, the difference, the sum).
        confidence: level of the interval and of the check.

    Returns:
        The density just above minus the density just below (bias corrected: order 3 at the window of order 2), with its jackknife error;
        `p_value` is that of equal densities. `table` has both densities. `details`: `statistic`, the windows and the observations in them.

    Raises:
        StatsError: fewer than 10 values on a side, too few different values, a threshold outside the values.

    When not to use it: with a running variable of few different values, with a threshold chosen on round numbers, where values heap
    by themselves. No jump in the density does not prove that nobody aimed.
    Assumption: independent observations; a density that is smooth but for the threshold.
    Formula: local polynomial fit of the distribution function on each side, its slope is the density; `T = (f₊ − f₋)/√(v₊ + v₋)`.
    Source: Cattaneo, Jansson & Ma (2020) JASA 115; (2018) Stata Journal 18.

    Example:
        >>> import numpy as np
        >>> density_test(np.sin(np.arange(400)) + np.cos(np.arange(400) / 7), 0).p_value > 0.01
        True
    """
    level = confidence_level(confidence)
    x = np.sort(vector(values, "values") - scalar(cutoff, "cutoff"))
    n = len(x)
    for side in (x[x < 0], x[x >= 0]):
        enough(len(side), 10, msg("observations on each side of the threshold"))
    ranks = np.searchsorted(x, x, side="right") - 1
    sides = [_Side(-1, x[x < 0], ranks[x < 0] / (n - 1), n), _Side(1, x[x >= 0], ranks[x >= 0] / (n - 1), n)]
    widths = (
        _widths(sides, x)
        if bandwidth is None
        else tuple(positive(w, "bandwidth") for w in np.broadcast_to(bandwidth, 2))
    )
    fits = [side.fit(width, ORDER + 1) for side, width in zip(sides, widths, strict=True)]
    gap, se = fits[1].slope - fits[0].slope, math.sqrt(fits[0].variance + fits[1].variance)
    if not se > 0:
        raise StatsError.of(codes.NO_VARIATION, what="values")
    z = two_sided_z(level)
    p = normal_p(gap / se)
    rows: list[Row] = [
        {"term": term, "value": v, "se": s, "lower": v - z * s, "upper": v + z * s, "p_value": p_of, "n": count}
        for term, v, s, p_of, count in (
            ("below", fits[0].slope, math.sqrt(fits[0].variance), None, fits[0].n),
            ("above", fits[1].slope, math.sqrt(fits[1].variance), None, fits[1].n),
            ("difference", gap, se, p, fits[0].n + fits[1].n),
        )
    ]
    return Estimate(
        value=gap,
        method="density_test",
        se=se,
        lower=gap - z * se,
        upper=gap + z * se,
        p_value=p,
        confidence=level,
        n=n,
        table=table(rows),
        checks=(
            judged(
                "enough near the threshold",
                min(fit.n for fit in fits) >= LOCAL,
                msg("{left} observations just below and {right} just above", left=Quantity(fits[0].n), right=Quantity(fits[1].n)),
                msg("too few observations near the threshold: {left} below, {right} above", left=Quantity(fits[0].n), right=Quantity(fits[1].n)),
            ),
        ),
        sentence=density_sentence(p >= 1 - level),
        details={
            "statistic": gap / se, "bandwidth_left": widths[0], "bandwidth_right": widths[1],
            "n_left_near": fits[0].n, "n_right_near": fits[1].n,
        },
    )  # fmt: skip


def density_sentence(smooth: bool) -> Message:  # noqa: FBT001 - the one thing the sentence says
    """Return what the test says in words."""
    if smooth:
        return msg("the observations do not pile up on either side of the threshold")
    return msg("observations pile up on one side of the threshold: it may have been aimed at")


@dataclass(frozen=True)
class _Fit:
    """The slope (density), its variance, the coefficient of the third power, observations in the window."""

    slope: float
    variance: float
    third: float
    n: int


@dataclass(frozen=True)
class _Side:
    """The sorted observations on one side, their empirical distribution in the whole sample, and the size of that sample."""

    sign: int
    x: Vector
    share: Vector
    total: int

    @property
    def away(self) -> Vector:
        """Distances to the threshold, sorted."""
        return np.sort(np.abs(self.x))

    def nearest(self, count: int) -> float:
        """Return the window that holds this many observations, and this many different ones."""
        different = np.unique(self.away)
        return float(max(self.away[min(count, len(self.away)) - 1], different[min(count, len(different)) - 1]))

    def fit(self, width: float, order: int) -> _Fit:
        """Fit a polynomial to the distribution function in the window; the jackknife variance follows from its tail sums."""
        near = np.abs(self.x) <= width
        x = self.x[near] / width
        weight = (1 - np.abs(x)) / width
        if len(np.unique(x[weight > 0])) < order + 1:
            needed = Quantity(order + 1)
            raise StatsError.of(
                codes.TOO_FEW,
                what=msg("different values near the cut-off"),
                n=Quantity(len(np.unique(x))),
                needed=needed,
            )
        powers = np.vander(x, order + 1, increasing=True)
        loads = powers * weight[:, None]
        inverse = np.linalg.inv(loads.T @ powers)
        found = inverse @ (loads.T @ self.share[near])
        tails = np.vstack([np.cumsum(loads[::-1], axis=0)[::-1], np.zeros(order + 1)])
        first = np.searchsorted(x, x, side="left")
        marks = (tails[first] - loads[first]) / (self.total - 1) @ inverse[:, 1]
        third = float(found[3]) / width**3 if order >= 3 else 0.0
        return _Fit(float(found[1]) / width, float(marks @ marks) / width**2, third, int(near.sum()))


def _widths(sides: list[_Side], x: Vector) -> tuple[float, float]:
    """Return the window of each side: the middle one of those best for itself, for the difference and for the sum."""
    n, farthest = len(x), float(np.abs(x).max())
    curve, slope = _pilots(x)
    curve = max(min(curve, farthest), *(side.nearest(LOCAL + 2) for side in sides))
    slope = max(min(slope, farthest), *(side.nearest(LOCAL) for side in sides))
    noise = [n * slope * side.fit(slope, ORDER).variance for side in sides]
    bias = [_bias() * side.fit(curve, ORDER + 2).third for side in sides]
    least = [side.nearest(LOCAL) for side in sides]

    def best(variance: float, pull: float, most: float, floor: float) -> float:
        width = (variance / (2 * ORDER * n * pull**2)) ** (1 / (2 * ORDER + 1)) if pull else most
        return max(min(width, most), floor)

    joint = [best(sum(noise), pull, farthest, max(least)) for pull in (bias[1] - bias[0], bias[1] + bias[0])]
    own = [
        best(noise[i], bias[i], float(side.away[-1]), least[i]) for i, side in enumerate(sides)
    ]  # fmt: skip
    return tuple(float(np.median([alone, *joint])) for alone in own)  # type: ignore[return-value]


def _pilots(x: Vector) -> tuple[float, float]:
    """Return the windows that would be best for the third derivative and the slope if the values were normal."""
    spread, n = float(x.std(ddof=1)), len(x)
    if not spread > 0:
        raise StatsError.of(codes.NO_VARIATION, what="values")
    z = float(x.mean()) / spread
    law = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    fourth, second = z**4 - 6 * z**2 + 3, z**2 - 1
    return (
        spread * ((2 * ORDER + 1) / 4 / (max(fourth**2 * law, 1e-12)) * PILOT_CURVE / n) ** (1 / (2 * ORDER + 5)),
        spread * (1 / (2 * ORDER) / (max(second**2 * law, 1e-12)) * PILOT_SLOPE / n) ** (1 / (2 * ORDER + 1)),
    )


def _bias() -> float:
    """Return what one unit of the third coefficient adds to the slope of a quadratic fit at the edge (triangular kernel)."""

    def moment(power: int) -> float:
        return 1 / (power + 1) - 1 / (power + 2)

    gram = np.array([[moment(i + j) for j in range(ORDER + 1)] for i in range(ORDER + 1)])
    return float(np.linalg.solve(gram, [moment(ORDER + 1 + j) for j in range(ORDER + 1)])[1])
