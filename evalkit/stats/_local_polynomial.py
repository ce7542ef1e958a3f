"""Local polynomial regression on one side of a cut-off, with nearest-neighbour variance and the plug-in bandwidth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.text import Quantity, msg

NEIGHBOURS = 3
CONSTANTS = {"triangular": 2.576, "uniform": 1.843, "epanechnikov": 2.702}


@dataclass(frozen=True)
class Side:
    """Observations on one side, sorted by distance along the running variable measured from the cut-off."""

    x: Vector
    y: Vector

    @property
    def reach(self) -> float:
        """Distance of the farthest observation."""
        return float(np.abs(self.x).max())

    def within(self, width: float) -> Side:
        """Return the observations inside a window."""
        chosen = np.abs(self.x) <= width
        return Side(self.x[chosen], self.y[chosen])


def kernel_weights(x: Vector, width: float, kernel: str) -> Vector:
    """Return the kernel weights, divided by the width."""
    u = np.abs(x / width)
    if kernel == "uniform":
        return np.asarray(0.5 * (u <= 1) / width)
    if kernel == "epanechnikov":
        return np.asarray(0.75 * (1 - u**2) * (u <= 1) / width)
    return np.asarray((1 - u) * (u <= 1) / width)


def neighbour_residuals(x: Vector, y: Vector) -> Vector:
    """Return the residual of each value from its three nearest neighbours (with all their ties), scaled to be unbiased for the variance."""
    n = len(x)
    starts = np.searchsorted(x, x, side="left")
    ends = np.searchsorted(x, x, side="right") - 1
    total = np.r_[0.0, np.cumsum(y)]
    found = np.empty(n)
    for i in range(n):
        low, high = int(starts[i]), int(ends[i])
        while high - low < min(NEIGHBOURS, n - 1):
            if low == 0:
                high = int(ends[high + 1])
            elif high == n - 1:
                low = int(starts[low - 1])
            else:
                left, right = x[i] - x[low - 1], x[high + 1] - x[i]
                if left > right:
                    high = int(ends[high + 1])
                elif left < right:
                    low = int(starts[low - 1])
                else:
                    low, high = int(starts[low - 1]), int(ends[high + 1])
        count = high - low
        others = total[high + 1] - total[low] - y[i]
        found[i] = np.sqrt(count / (count + 1)) * (y[i] - others / count)
    return found


def _inverse(powers: Matrix, weights: Vector) -> Matrix:
    gram = powers.T @ (weights[:, None] * powers)
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any() or np.linalg.cond(gram / np.outer(scale, scale)) > 1e14:
        raise StatsError.of(
            codes.TOO_FEW, what=msg("different values near the cut-off"), n=Quantity(0), needed=Quantity(4)
        )
    return np.asarray(np.linalg.inv(gram / np.outer(scale, scale)) / np.outer(scale, scale))


def plug_in(
    side: Side, order: int, derivative: int, bias_order: int, pilot: float, bias_width: float, kernel: str, *, regularise: bool
) -> tuple[float, float, float]:  # fmt: skip
    """Return the variance, bias and regularisation constants of a coefficient (Calonico, Cattaneo & Titiunik 2014)."""
    near = side.within(pilot)
    weights = kernel_weights(near.x, pilot, kernel)
    powers = np.vander(near.x, order + 1, increasing=True)
    inverse = _inverse(powers, weights)
    scores = powers * (weights * neighbour_residuals(near.x, near.y))[:, None]
    variance = float((inverse @ (scores.T @ scores) @ inverse)[derivative, derivative])
    curve = inverse @ ((powers * weights[:, None]).T @ (near.x / pilot) ** (order + 1))
    constant = float(pilot**derivative * curve[derivative])
    wide = side.within(bias_width)
    load = kernel_weights(wide.x, bias_width, kernel)
    more = np.vander(wide.x, bias_order + 1, increasing=True)
    inside = _inverse(more, load)
    slope = float((inside @ (more.T @ (load * wide.y)))[order + 1])
    extra = 0.0
    if regularise:
        marks = more * (load * neighbour_residuals(wide.x, wide.y))[:, None]
        extra = 3 * constant**2 * float((inside @ (marks.T @ marks) @ inside)[order + 1, order + 1])
    twice = 2 * (order + 1 - derivative)
    return (
        (2 * derivative + 1) * pilot ** (2 * derivative + 1) * variance,
        float(np.sqrt(twice)) * constant * slope,
        twice * extra,
    )


def bandwidths(left: Side, right: Side, kernel: str, p: int = 1) -> tuple[float, float]:
    """Return the common bandwidth of the estimate and that of its bias, least mean squared error of the jump (`mserd`)."""
    x = np.sort(np.r_[left.x, right.x])
    middle = np.quantile(x, [0.25, 0.75], method="averaged_inverted_cdf")
    spread = min(float(x.std(ddof=1)), float(middle[1] - middle[0]) / 1.349)
    masses = len(np.unique(left.x)) + len(np.unique(right.x))
    q, widest = p + 1, max(left.reach, right.reach)
    pilot = min(CONSTANTS[kernel] * spread * masses ** (-1 / 5), widest)

    def solve(order: int, derivative: int, bias_order: int, widths: tuple[float, float], *, regularise: bool) -> float:
        parts = [
            plug_in(side, order, derivative, bias_order, pilot, width, kernel, regularise=regularise)
            for side, width in zip((left, right), widths, strict=True)
        ]
        bias = (parts[1][1] - parts[0][1]) ** 2 + parts[0][2] + parts[1][2]
        if not bias > 0:
            return widest
        return min(float(((parts[0][0] + parts[1][0]) / bias) ** (1 / (2 * order + 3))), widest)

    first = solve(q + 1, q + 1, q + 2, (left.reach, right.reach), regularise=False)
    bias_width = solve(q, p + 1, q + 1, (first, first), regularise=True)
    return solve(p, 0, q, (bias_width, bias_width), regularise=True), bias_width


@dataclass(frozen=True)
class Limit:
    """The fitted value at the cut-off from one side, its bias-corrected version, and what each observation adds to them."""

    plain: float
    corrected: float
    loads: Vector
    robust_loads: Vector
    near: Side


def limit_at_cutoff(side: Side, width: float, bias_width: float, kernel: str, p: int = 1) -> Limit:
    """Return the value at the cut-off: local polynomial of order p, its bias estimated with order p + 1."""
    near = side.within(max(width, bias_width))
    weights, load = kernel_weights(near.x, width, kernel), kernel_weights(near.x, bias_width, kernel)
    powers = np.vander(near.x, p + 1, increasing=True)
    more = np.vander(near.x, p + 2, increasing=True)
    inverse, inside = _inverse(powers, weights), _inverse(more, load)
    curve = (powers * weights[:, None]).T @ (near.x / width) ** (p + 1)
    pull = inverse @ (powers * weights[:, None]).T
    bend = (inside @ (more * load[:, None]).T)[p + 1]
    corrected = pull - width ** (p + 1) * np.outer(inverse @ curve, bend)
    return Limit(float(pull[0] @ near.y), float(corrected[0] @ near.y), pull[0], corrected[0], near)
