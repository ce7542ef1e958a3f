"""Just above against just below a threshold that decides who gets the programme."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Row,
    Vector,
    choice,
    column,
    confidence_level,
    enough,
    judged,
    positive,
    refuse_constant,
    scalar,
    shown,
    table,
)
from evalkit.stats._laws import normal_p, two_sided_z
from evalkit.stats._local_polynomial import (
    CONSTANTS,
    Limit,
    Side,
    bandwidths,
    limit_at_cutoff,
    neighbour_residuals,
)
from evalkit.stats.density import density_sentence, density_test
from evalkit.text import Quantity, msg

FEWEST = 20
WINDOW = 20
GROSS = 0.01
DENSITY = "density at the threshold"


def regression_discontinuity(
    frame: pd.DataFrame,
    *,
    outcome: str,
    running: str,
    cutoff: float,
    fuzzy: str | None = None,
    kernel: str = "triangular",
    bandwidth: float | None = None,
    bias_bandwidth: float | None = None,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say by how much the outcome jumps where the threshold decides (median income of a 200 m cell, population of a town).

    Args:
        frame: one row per territory.
        outcome: column of the outcome.
        running: column of the variable that decides; at or above `cutoff` counts as treated.
        cutoff: the threshold.
        fuzzy: column of the treatment really received, where the threshold only changes its probability.
        kernel: `triangular`, `epanechnikov` or `uniform`.
        bandwidth: window on each side; by default the one of least mean squared error of the jump (`mserd`, mass points adjusted).
        bias_bandwidth: window for the bias; by default its own optimum, or `bandwidth` where that is given.
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        `value` is the conventional local linear jump; `lower, upper, p_value` are the robust bias-corrected ones. `table` has the
        rows `conventional`, `bias_corrected` and `robust`. Checks: enough observations near the threshold, the density there
        (local polynomial density test, beside an exact binomial count of the 20 nearest observations).

    Raises:
        StatsError: fewer than 20 observations on a side, a running variable with too few different values.

    When not to use it: when other programmes use the same threshold, when the running variable was moved by those concerned; the
    effect is that of territories near the threshold only.
    Assumption: without the programme the outcome would run smoothly through the threshold.
    Formula: weighted linear fits on each side; bias from a quadratic fit; nearest-neighbour variance.
    Source: Calonico, Cattaneo & Titiunik (2014) Econometrica 82; Cattaneo, Jansson & Ma (2020) JASA 115 for the density.

    Example:
        >>> import numpy as np, pandas as pd
        >>> k = np.arange(600)
        >>> frame = pd.DataFrame({"income": np.sin(k) + np.cos(k / 7)})
        >>> frame["rate"] = frame["income"] + 2 * (frame["income"] >= 0) + 0.1 * np.cos(3 * k)
        >>> found = regression_discontinuity(frame, outcome="rate", running="income", cutoff=0)
        >>> found.lower < 2 < found.upper
        True
    """
    choice(kernel, "kernel", CONSTANTS)
    level = confidence_level(confidence)
    x, y = column(frame, running) - scalar(cutoff, "cutoff"), column(frame, outcome)
    left, right = _side(x, y, x < 0), _side(x, y, x >= 0)
    refuse_constant(y, outcome)
    for side in (left, right):
        enough(len(side.x), FEWEST, msg("observations on each side of the threshold"))
    if bandwidth is None:
        width, bias_width = bandwidths(left, right, kernel)
        bias_width = bias_width if bias_bandwidth is None else positive(bias_bandwidth, "bias_bandwidth")
    else:
        width = positive(bandwidth, "bandwidth")
        bias_width = width if bias_bandwidth is None else positive(bias_bandwidth, "bias_bandwidth")
    limits = [limit_at_cutoff(side, width, bias_width, kernel) for side in (left, right)]
    value, corrected, rest = _jump(limits, [side.y for side in (limits[0].near, limits[1].near)])
    if fuzzy is not None:
        d = column(frame, fuzzy)
        doses = [_side(x, d, x < 0), _side(x, d, x >= 0)]
        value, corrected, rest = _ratio(limits, [limit_at_cutoff(s, width, bias_width, kernel) for s in doses])
    se, robust = (
        math.sqrt(sum(float(((load(limit) * r) ** 2).sum()) for limit, r in zip(limits, rest, strict=True)))
        for load in (_plain_loads, _robust_loads)
    )
    near = [int((np.abs(side.x) <= width).sum()) for side in (left, right)]
    rows = [
        _row("conventional", value, se, level, sum(near)),
        _row("bias_corrected", corrected, se, level, sum(near)),
        _row("robust", corrected, robust, level, sum(near)),
    ]
    return Estimate(
        value=value,
        method="regression_discontinuity",
        unit=measure,
        se=se,
        lower=rows[2]["lower"],
        upper=rows[2]["upper"],
        p_value=rows[2]["p_value"],
        confidence=level,
        n=len(x),
        table=table(rows),
        checks=(
            judged(
                "enough near the threshold",
                min(near) >= FEWEST,
                msg("{left} observations just below and {right} just above", left=Quantity(near[0]), right=Quantity(near[1])),
                msg("too few observations near the threshold: {left} below, {right} above", left=Quantity(near[0]), right=Quantity(near[1])),
            ),
            density_check(x, level),
        ),
        sentence=msg("a jump of {value} at the threshold", value=shown(value, measure, signed=True)),
        details={
            "bandwidth": width, "bias_bandwidth": bias_width, "n_left": len(left.x), "n_right": len(right.x),
            "n_left_near": near[0], "n_right_near": near[1],
        },
    )  # fmt: skip


def _side(x: Vector, y: Vector, chosen: np.ndarray) -> Side:
    order = np.argsort(x[chosen], kind="stable")
    return Side(x[chosen][order], y[chosen][order])


def _plain_loads(limit: Limit) -> Vector:
    return limit.loads


def _robust_loads(limit: Limit) -> Vector:
    return limit.robust_loads


def _jump(limits: list[Limit], outcomes: list[Vector]) -> tuple[float, float, list[Vector]]:
    rest = [neighbour_residuals(limit.near.x, y) for limit, y in zip(limits, outcomes, strict=True)]
    return limits[1].plain - limits[0].plain, limits[1].corrected - limits[0].corrected, rest


def _ratio(outcome: list[Limit], dose: list[Limit]) -> tuple[float, float, list[Vector]]:
    """Return the ratio of two jumps, its linearised bias correction and residuals."""
    jump, dose_jump = outcome[1].plain - outcome[0].plain, dose[1].plain - dose[0].plain
    if abs(dose_jump) <= 1e-12:
        raise StatsError.of(codes.NO_VARIATION, what=msg("the treatment received around the threshold"))
    value = jump / dose_jump
    shift = (jump - (outcome[1].corrected - outcome[0].corrected)) - value * (
        dose_jump - (dose[1].corrected - dose[0].corrected)
    )
    rest = [
        neighbour_residuals(one.near.x, one.near.y - value * two.near.y) / dose_jump
        for one, two in zip(outcome, dose, strict=True)
    ]
    return value, value - shift / dose_jump, rest


def _row(term: str, value: float, se: float, level: float, n: int) -> Row:
    half = two_sided_z(level) * se
    p = normal_p(value / se) if se > 0 else None
    return {"term": term, "value": value, "se": se, "lower": value - half, "upper": value + half, "p_value": p, "n": n}


def density_check(x: Vector, level: float = 0.95) -> Check:
    """Test that the density does not jump at zero, and count the nearest observations on each side.

    The count alone (at the same level) judges where the densities cannot be fitted; beside them it only speaks below 1%, of a
    hole or a heap right at the threshold that a smooth fit runs over.
    """
    count = _nearest(x)
    try:
        found = density_test(x, 0.0, confidence=level)
    except StatsError:
        passed, rows = count["p_value"] >= 1 - level, [count]
    else:
        passed = (found.p_value or 0.0) >= 1 - level and count["p_value"] >= GROSS
        rows = [*_rows(found), count]
    return Check(DENSITY, passed, density_sentence(passed), table(rows))


def _rows(found: Estimate) -> list[Row]:
    if found.table is None:
        return []
    return [{str(name): cell for name, cell in row.items()} for row in found.table.to_dict("records")]


def _nearest(x: Vector) -> Row:
    """Count the nearest observations (with their ties) on each side: a half should lie above (exact binomial test)."""
    from scipy.special import bdtr

    reach = np.sort(np.abs(x))[min(WINDOW, len(x)) - 1]
    above, total = int(((x >= 0) & (x <= reach)).sum()), int((np.abs(x) <= reach).sum())
    fewer = min(above, total - above)
    p = min(1.0, 2 * float(bdtr(fewer, total, 0.5)))
    return {"term": "nearest above", "value": above, "p_value": p, "n": total}
