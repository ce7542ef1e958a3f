"""The test of parallel trends before treatment, and what it could have seen."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check
from evalkit.stats._inputs import Matrix, Vector, judged, shown, table
from evalkit.stats._laws import chi2_p, chi2_quantile
from evalkit.text import change_unit, msg

NAME = "parallel trends before"
POWER = 0.8
SAFE = 1e-5


def pre_trend_check(
    times: Vector, steps: Vector, values: Vector, covariance: Matrix, level: float, measure: str = ""
) -> Check:
    """Test that all effects before treatment are nil, and say which steady drift the test would have missed.

    `steps` is what a drift of one a period would give in each term.

    Source: joint Wald test; for its power Roth (2022) AER: Insights 4.
    """
    before = times < 0
    count = int(before.sum())
    if count == 0:
        return Check(NAME, None, msg("there is only one period before treatment: parallel trends cannot be checked"))
    values, steps, part = values[before], steps[before], covariance[np.ix_(before, before)]
    inverse, rank = _inverse(part)
    if rank == 0:
        return Check(NAME, None, msg("there is only one period before treatment: parallel trends cannot be checked"))
    statistic = float(values @ inverse @ values)
    p = chi2_p(statistic, rank)
    seen = float(steps @ inverse @ steps)
    if not seen > 0:
        return _unseen(p, rank, statistic, level)
    slope = math.sqrt(_needed(rank, level) / seen)
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
