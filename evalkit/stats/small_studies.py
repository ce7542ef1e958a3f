"""Do small studies tell another story than large ones? Egger's test of a lopsided funnel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check, Estimate
from evalkit.stats._inputs import Vector, all_positive, enough, judged, same_length, shown, table, vector
from evalkit.stats.pooling import pool
from evalkit.text import msg

ENOUGH = 10


def egger(
    estimates: Sequence[float] | Vector | pd.Series,
    variances: Sequence[float] | Vector | pd.Series,
    method: str = "REML",
    *,
    confidence: float = 0.95,
    unit: str = "",
) -> Estimate:
    """Say whether territories (or studies) with imprecise estimates found larger effects than the precise ones.

    Args:
        estimates: one effect per territory or study.
        variances: their squared standard errors.
        method: estimator of the variance between them, as in `pool`.
        confidence: level of the interval and of the check.
        unit: unit of the effects.

    Returns:
        The slope of the effect on its standard error, with the test that it is nil; `details["limit"]` is the effect expected of an estimate
        without error.

    Raises:
        StatsError: fewer than four effects, a variance not positive, variances that are all alike.

    When not to use it: with fewer than ten effects (the check then abstains); a slope may also come from small territories that differ.
    Assumption: without selection, effects do not depend on their precision.
    Formula: meta-regression of the effects on their standard errors; `z` of the slope.
    Source: Egger, Davey Smith, Schneider & Minder (1997) BMJ 315; Sterne & Egger (2005).

    Example:
        >>> found = egger([0.1, 0.3, 0.5, 0.9], [0.01, 0.04, 0.09, 0.16])
        >>> found.value > 0
        True
    """
    effects, noise = vector(estimates, "estimates"), vector(variances, "variances")
    same_length(effects, "estimates", noise, "variances")
    enough(len(effects), 4, msg("effects to pool"))
    all_positive(noise, "variances")
    errors = pd.DataFrame({"se": np.sqrt(noise)})
    found = pool(effects, noise, method, moderators=errors, confidence=confidence, unit=unit)
    rows = found.table if found.table is not None else table([])
    limit = float(rows.loc[rows["term"] == "intercept", "value"].iloc[0])
    p = found.p_value if found.p_value is not None else 1.0
    return Estimate(
        value=found.value,
        method="egger",
        unit="ratio",
        se=found.se,
        lower=found.lower,
        upper=found.upper,
        p_value=found.p_value,
        confidence=found.confidence,
        n=len(effects),
        table=rows,
        checks=(_even(len(effects), p, 1 - found.confidence),),
        sentence=msg(
            "an estimate without error would be expected at {limit}; each unit of standard error goes with {slope}",
            limit=shown(limit, unit, signed=True), slope=shown(found.value, "ratio", signed=True),
        ),
        details={"limit": limit, "z": found.value / found.se if found.se else None},
    )  # fmt: skip


def _even(n: int, p: float, alpha: float) -> Check:
    if n < ENOUGH:
        return Check("even funnel", None, msg("fewer than ten effects: a lopsided funnel could not be told"))
    return judged(
        "even funnel",
        p >= alpha,
        msg("imprecise estimates do not differ from precise ones"),
        msg("imprecise estimates differ from precise ones: some results may be missing"),
    )
