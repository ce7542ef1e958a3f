"""The test of parallel trends before treatment, and what it could have seen."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check
from evalkit.stats._inputs import Matrix, Vector, judged, shown, table
from evalkit.stats._laws import chi2_p, chi2_quantile, f_p, t_p, two_sided_t
from evalkit.text import change_unit, msg

NAME = "parallel trends before"
POWER = 0.8
SAFE = 1e-5
MOST = 2.0**40


def pre_trend_check(
    times: Vector,
    steps: Vector,
    values: Vector,
    covariance: Matrix,
    level: float,
    measure: str = "",
    df: float | None = None,
) -> Check:
    """Test that all effects before treatment are nil, and say which steady drift the test would have missed.

    `steps` is what a drift of one a period would give in each term. With degrees of freedom (few clusters) the joint test is Hotelling's;
    where there are more terms than these allow, each term is tested and the smallest p-value multiplied by their number (Bonferroni).

    Source: joint Wald test; Hotelling (1931); for the power Roth (2022) AER: Insights 4.
    """
    before = times < 0
    count = int(before.sum())
    if count == 0:
        return Check(NAME, None, msg("there is only one period before treatment: parallel trends cannot be checked"))
    values, steps, part = values[before], steps[before], covariance[np.ix_(before, before)]
    inverse, rank = _inverse(part)
    if rank == 0:
        return Check(NAME, None, msg("there is only one period before treatment: parallel trends cannot be checked"))
    statistic, seen = float(values @ inverse @ values), float(steps @ inverse @ steps)
    if df is not None and df - rank < 0:
        p, slope = _one_by_one(values, steps, np.sqrt(np.diag(part)), df, level)
    else:
        p, slope = _jointly(statistic, seen, rank, df, level)
    if not slope < math.inf:
        return _unseen(p, rank, statistic, level)
    return _verdict(p, slope, rank, statistic, level, measure)


def _jointly(statistic: float, seen: float, rank: int, df: float | None, level: float) -> tuple[float, float]:
    """Return the p-value of the joint test and the drift it sees four times out of five.

    The inverse of a covariance estimated with few degrees of freedom is too large: the drift allows for that, by the median
    of the law of chi-squared that the ratio follows.
    """
    if df is None or math.isinf(df):
        p, needed = chi2_p(statistic, rank), _needed(rank, level)
    else:
        free = df - rank + 1
        p = f_p(statistic * free / (df * rank), rank, free)
        needed = _needed_f(rank, free, level) * df / (free * (1 - 2 / (9 * free)) ** 3)
    return p, math.sqrt(needed / seen) if seen > 0 else math.inf


def _one_by_one(values: Vector, steps: Vector, errors: Vector, df: float, level: float) -> tuple[float, float]:
    """Return the smallest p-value times the number of terms, and the drift that one of the terms sees four times out of five."""
    known = errors > 0
    values, steps, errors = values[known], steps[known], errors[known]
    count = len(values)
    p = min(1.0, count * min(t_p(float(t), df) for t in values / errors))
    moved = steps != 0
    if not moved.any():
        return p, math.inf
    return p, _needed_t(df, 1 - (1 - level) / count) * float((errors[moved] / np.abs(steps[moved])).min())


def _verdict(p: float, slope: float, rank: int, statistic: float, level: float, measure: str) -> Check:
    drift = shown(slope, change_unit(measure))
    rows: pd.DataFrame = table(
        [
            {"term": "joint test", "value": statistic, "p_value": p, "n": rank},
            {"term": "drift detected 4 times out of 5", "value": slope},
        ]
    )
    return judged(
        NAME,
        p >= 1 - level,
        msg(
            "no difference shows before treatment; a drift below {drift} a period would mostly have been missed",
            drift=drift,
        ),
        msg("the territories were already drifting apart before treatment"),
        rows,
    )


def _unseen(p: float, rank: int, statistic: float, level: float) -> Check:
    """Return the check where a drift common to the treated cannot be seen, because all territories are treated in the end."""
    rows = table([{"term": "joint test", "value": statistic, "p_value": p, "n": rank}])
    if p < 1 - level:
        return Check(NAME, False, msg("the territories were already drifting apart before treatment"), rows)
    return Check(
        NAME, None, msg("no territory stays untreated: a drift common to all treated ones cannot be seen"), rows
    )


def _inverse(spread: Matrix) -> tuple[Matrix, int]:
    """Return the (pseudo-)inverse of a covariance and its rank; the roots are only taken where it is close to singular."""
    try:
        sides = np.linalg.cholesky(spread).diagonal()
    except np.linalg.LinAlgError:
        sides = np.zeros(1)
    if sides.min() > SAFE * sides.max():
        return np.asarray(np.linalg.inv(spread)), len(spread)
    roots, axes = np.linalg.eigh(spread)
    kept = np.abs(roots) > np.abs(roots).max() * len(spread) * np.finfo(np.float64).eps
    return np.asarray((axes[:, kept] / roots[kept]) @ axes[:, kept].T), int(kept.sum())


def _needed(df: int, level: float) -> float:
    """Return the noncentrality with which the joint test rejects four times out of five."""
    from scipy.optimize import brentq
    from scipy.special import chndtr

    limit = chi2_quantile(level, df)
    return float(brentq(lambda moved: 1 - chndtr(limit, df, moved) - POWER, 1e-6, 500.0))


def _needed_f(rank: int, free: float, level: float) -> float:
    """Return the noncentrality with which an F test rejects four times out of five."""
    from scipy.special import fdtri, ncfdtr

    limit = float(fdtri(rank, free, level))
    return _root(lambda moved: float(ncfdtr(rank, free, moved, limit)))


def _needed_t(df: float, level: float) -> float:
    """Return by how many errors a value has to be off for a Student test to reject four times out of five."""
    from scipy.special import nctdtr

    limit = two_sided_t(level, df)
    return _root(lambda moved: float(nctdtr(df, moved, limit)))


def _root(kept: Callable[[float], float]) -> float:
    """Return the least value at which a test keeps its hypothesis once out of five (`kept` falls)."""
    low, high = 0.0, 1.0
    while kept(high) > 1 - POWER and high < MOST:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) > 1 - POWER else (low, middle)
    return high if high < MOST else math.inf


def placebo_trend_check(times: Vector, steps: Vector, drawn: Matrix, level: float, measure: str = "") -> Check:
    """Test the effects before treatment by re-assignment: one row of `drawn` per assignment, the observed one first.

    The statistic is the sum of the squared terms, each over its own spread. The drift named is the least with which four assignments out
    of five would have been refuted.
    """
    before = (times < 0) & ~np.isnan(drawn).any(axis=0)
    if not before.any():
        return Check(NAME, None, msg("there is only one period before treatment: parallel trends cannot be checked"))
    part, steps = drawn[:, before], steps[before]
    spread = np.sqrt((part**2).mean(axis=0))
    kept = spread > 0
    part, steps = part[:, kept] / spread[kept], steps[kept] / spread[kept]
    found = (part**2).sum(axis=1)
    p = float((found >= found[0] * (1 - 1e-10)).mean())
    ordered, most = np.sort(found)[::-1], math.floor((1 - level) * len(found) + 1e-9)
    if most < 1 or not kept.any():
        return Check(NAME, None, msg("too few ways of placing the treatment to check what was before"))
    limit = float(ordered[most - 1])
    slope = _root(lambda drift: float((((part + drift * steps) ** 2).sum(axis=1) < limit).mean()))
    count, statistic = int(kept.sum()), float(found[0])
    return (
        _verdict(p, slope, count, statistic, level, measure)
        if slope < math.inf
        else _unseen(p, count, statistic, level)
    )
