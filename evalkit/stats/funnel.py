"""Funnel limits: how far a territory of a given size may lie from the target by chance alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Row,
    Vector,
    all_positive,
    bound,
    choice,
    confidence_level,
    enough,
    judged,
    positive,
    same_length,
    scalar,
    shown,
    table,
    vector,
)
from evalkit.stats._laws import exact_poisson, two_sided_z
from evalkit.text import msg

KINDS = ("proportion", "rate", "ratio")
WINSORISED = 0.1


def funnel_limits(
    denominator: float | Sequence[float] | Vector | pd.Series,
    target: float,
    kind: str = "proportion",
    *,
    multiplier: float = 1,
    confidence: Sequence[float] = (0.95, 0.998),
    observed: Sequence[float] | Vector | pd.Series | None = None,
    overdispersion: bool = False,
) -> Estimate:
    """Say between which limits a territory of this size stays when it does not differ from the target.

    Args:
        denominator: one size or many: totals (`proportion`), populations (`rate`), expected events (`ratio`).
        target: common proportion (0 to 1), common rate (per `multiplier`), or ratio (1).
        kind: `proportion`, `rate` or `ratio`.
        multiplier: multiplier of the rate or ratio (100 for an index of 100); a proportion has none.
        confidence: levels of the limits, the first one gives `lower` and `upper`.
        observed: observed values on the scale of the target; each is then placed (`inside`, `above`, `below`).
        overdispersion: widen the limits by the winsorised over-dispersion of the observed values, when above 1.

    Returns:
        The target; `table` has one row per size and level, with the columns `denominator`, `confidence` and, where values
        were observed, `observed` and `place`. `details["overdispersion"]` is Spiegelhalter's φ (10% winsorised).

    Raises:
        StatsError: a size not positive, a target out of range, values of another length.

    When not to use it: to rank territories; when most territories lie outside, the target or the case-mix is wrong, not they.
    Assumption: no true difference between territories but, with `overdispersion`, a common extra spread.
    Formula: proportion `p ± z√(p(1−p)/n)` (normal, not Wilson); rate and ratio: the count whose exact Poisson limit is the
    expected number; φ = mean of squared winsorised z; with over-dispersion normal limits times √φ.
    Source: Spiegelhalter (2005) Statistics in Medicine 24; UKHSA PHEindicatormethods.

    Example:
        >>> funnel_limits([100, 400], 0.2, observed=[0.35, 0.21]).table["place"].tolist()
        ['above', 'inside', 'above', 'inside']
    """
    sizes = np.atleast_1d(vector(np.atleast_1d(denominator), "denominator"))
    enough(len(sizes), 1, msg("territories"))
    all_positive(sizes, "denominator")
    choice(kind, "kind", KINDS)
    levels = [confidence_level(level) for level in confidence]
    enough(len(levels), 1, msg("confidence levels"))
    times = positive(multiplier, "multiplier") if kind != "proportion" else 1.0
    goal = _target(target, kind, times)
    values = None if observed is None else vector(observed, "observed")
    phi = None
    if values is not None:
        same_length(values, "observed", sizes, "denominator")
        phi = winsorised_dispersion((values / times - goal) / _spread(sizes, goal, kind))
    widen = math.sqrt(phi) if overdispersion and phi is not None and phi > 1 else None
    rows = [
        _row(i, size, level, goal, kind, times, widen, None if values is None else float(values[i]))
        for level in levels
        for i, size in enumerate(sizes)
    ]
    extra = ("denominator", "confidence", "observed", "place")
    return Estimate(
        value=goal * times,
        method="funnel_overdispersed" if widen else "funnel",
        unit="ratio" if times == 1 else "",
        lower=bound(rows[0]["lower"]),
        upper=bound(rows[0]["upper"]),
        confidence=levels[0],
        n=len(sizes),
        table=table(rows, extra),
        checks=() if phi is None else (_dispersed(phi),),
        details={"overdispersion": phi},
    )


def winsorised_dispersion(scores: Vector) -> float:
    """Return Spiegelhalter's φ: the mean of the squared scores once the extreme tenth on each side is drawn in."""
    low, high = np.quantile(scores, [WINSORISED, 1 - WINSORISED])
    return float((np.clip(scores, low, high) ** 2).mean())


def _target(target: float, kind: str, times: float) -> float:
    if kind != "proportion":
        return positive(target, "target") / times
    goal = scalar(target, "target")
    if not 0 < goal < 1:
        raise StatsError.of(codes.NO_CHOICE, value=shown(goal), name="target", choices="]0, 1[")
    return goal


def _spread(sizes: Vector, goal: float, kind: str) -> Vector:
    return np.sqrt(goal * (1 - goal) / sizes) if kind == "proportion" else np.sqrt(goal / sizes)


def _limits(size: float, level: float, goal: float, kind: str, widen: float | None) -> tuple[float, float]:
    half = two_sided_z(level) * float(_spread(np.array([size]), goal, kind)[0]) * (widen or 1)
    if kind == "proportion":
        return max(0.0, goal - half), min(1.0, goal + half)
    if widen:
        return max(0.0, goal - half), goal + half
    expected = size * goal
    return lowest_count(expected, level) / size, highest_count(expected, level) / size


def lowest_count(expected: float, confidence: float) -> float:
    """Return the count whose upper exact Poisson limit is the expected number (0 where none is low enough)."""
    from scipy.optimize import brentq

    if exact_poisson(0, confidence)[1] >= expected:
        return 0.0
    return float(brentq(lambda count: exact_poisson(count, confidence)[1] - expected, 0, expected, xtol=1e-12))


def highest_count(expected: float, confidence: float) -> float:
    """Return the count whose lower exact Poisson limit is the expected number."""
    from scipy.optimize import brentq

    top = expected + 10 * math.sqrt(expected) + 20
    return float(brentq(lambda count: exact_poisson(count, confidence)[0] - expected, 1e-12, top, xtol=1e-12))


def _row(
    i: int, size: float, level: float, goal: float, kind: str, times: float, widen: float | None, seen: float | None
) -> Row:
    low, high = _limits(size, level, goal, kind, widen)
    low, high = low * times, high * times
    place = None if seen is None else "above" if seen > high else "below" if seen < low else "inside"
    return {
        "term": str(i),
        "value": goal * times,
        "lower": low,
        "upper": high,
        "n": round(size),
        "denominator": size,
        "confidence": level,
        "observed": seen,
        "place": place,
    }


def _dispersed(phi: float) -> Check:
    return judged(
        "over-dispersion",
        phi <= 1,
        msg("the territories vary no more than chance would let them"),
        msg("the territories vary {phi} times as much as chance alone would let them", phi=shown(phi, "ratio", 1)),
    )
