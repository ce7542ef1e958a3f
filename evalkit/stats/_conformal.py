"""Conformal inference for a mix of donors: the gaps after the start against the same gaps at every other time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evalkit.stats._inputs import Vector
from evalkit.stats._mixes import Limits, Pool
from evalkit.stats._placebo import needed_placebos

SCANNED = 40
WIDEST = 14
SHARP = 1e-6
ROUNDING = 1e-9


def shifted(pool: Pool, target: Vector, extra: Vector, effect: float, level: float) -> tuple[float, Limits]:
    """Return the p-value of no effect, and the constant effects that are not rejected.

    For each effect tried the mix is fitted on all periods as if it were the true one; the p-value is the share of the shifts in time
    of the gaps under which those after the start are as large. Where every constant effect is rejected, the mean effects that the same
    test on the mean gap does not reject.

    Source: Chernozhukov, Wüthrich & Zhu (2021) JASA 116, moving blocks, with the mean absolute gap.
    """
    whole = Pool(
        pool.times, np.ones_like(pool.before), pool.donors, pool.extra, pool.augmented, pool.penalty
    )  # fmt: skip
    after, scale = ~pool.before, float(target.std()) or 1.0

    def p_value(tried: float, kind: str = "constant") -> float:
        gap = whole.fit(target - tried * after, extra)[1]
        gap = np.where(np.abs(gap) < ROUNDING * scale, 0.0, np.abs(gap) if kind == "constant" else gap)
        sums = np.abs([np.roll(gap, k)[after].sum() for k in range(len(gap))])
        return float((sums >= sums[0] * (1 - 1e-9)).mean())

    if len(target) < needed_placebos(level) + 1:
        return p_value(0.0), Limits(None, None, "few")
    for kind in ("constant", "mean"):
        ends = _accepted(lambda tried, kind=kind: p_value(tried, kind) > 1 - level + 1e-9, effect, scale)  # type: ignore[misc]
        if ends is not None:
            break
    lower, upper = ends or (None, None)
    return p_value(0.0), Limits(lower, upper, "perfect" if lower is None else kind)


def _accepted(
    accepts: Callable[[float], bool], centre: float, scale: float
) -> tuple[float | None, float | None] | None:
    """Return the ends of the accepted effects: scanned around the estimate, wider until both ends are rejected, then halved.

    No ends where nothing is rejected however far, None where nothing is accepted however near.
    """
    reach = scale / 8
    for _ in range(WIDEST):
        grid = centre + reach * np.linspace(-1, 1, SCANNED + 1)
        inside = np.array([accepts(float(tried)) for tried in grid])
        if inside.any() and not inside[0] and not inside[-1]:
            kept = np.flatnonzero(inside)
            lower = _edge(accepts, float(grid[kept[0]]), float(grid[kept[0] - 1]), scale)
            return lower, _edge(accepts, float(grid[kept[-1]]), float(grid[kept[-1] + 1]), scale)
        reach = reach * 2 if inside.any() else reach / 4
    return (None, None) if inside.any() else None


def _edge(accepts: Callable[[float], bool], inside: float, outside: float, scale: float) -> float:
    while abs(inside - outside) > SHARP * scale:
        middle = (inside + outside) / 2
        if accepts(middle):
            inside = middle
        else:
            outside = middle
    return inside
