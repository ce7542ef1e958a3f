"""The interval of a median from order statistics: no assumption on the shape of prices or incomes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats._inputs import Vector, confidence_level, enough, shown, vector
from evalkit.text import Quantity, msg


def binomial_rank(n: int, tail: float) -> int:
    """Return the smallest k with P(Binomial(n, ½) ≤ k) ≥ tail."""
    from scipy import special

    cumulative = special.bdtr(np.arange(n + 1), n, 0.5)
    return int(np.searchsorted(cumulative, tail))


def needed_for_median(confidence: float) -> int:
    """Return the smallest number of values whose median has an interval at this level: 6 at 95%."""
    tail = (1 - confidence) / 2
    return next(n for n in range(1, 4096) if 0.5**n < tail)


def median_interval(
    values: Sequence[float] | Vector | pd.Series, confidence: float = 0.95, *, unit: str = ""
) -> Estimate:
    """Say how far chance alone could move a median (a price per m², an income), whatever the shape of the values.

    Args:
        values: one number per sale, household or dwelling.
        confidence: level of the interval; the real coverage, at least this level, stands in `details`.
        unit: unit of the values.

    Returns:
        The median with two of the values as its limits.

    Raises:
        StatsError: missing values, or too few of them for this level (6 are needed at 95%).

    When not to use it: values already summed up by the producer (a published median): its interval cannot be had from it.
    Assumption: independent draws from one law.
    Formula: order statistics of ranks `k = Binom⁻¹(α/2; n, ½)` and `n + 1 − k`.
    Source: Conover (1999) Practical Nonparametric Statistics, § 3.2; Campbell & Gardner (1988) BMJ 296.

    Example:
        >>> found = median_interval([1200, 1350, 1400, 1500, 1650, 2100])
        >>> found.lower, found.value, found.upper
        (1200.0, 1450.0, 2100.0)
    """
    from scipy import special

    level = confidence_level(confidence)
    ordered = np.sort(vector(values, "values"))
    n = len(ordered)
    enough(n, needed_for_median(level), msg("values for the interval of a median"))
    rank = binomial_rank(n, (1 - level) / 2)
    lower, upper = float(ordered[rank - 1]), float(ordered[n - rank])
    return Estimate(
        value=float(np.median(ordered)),
        method="order_statistics",
        unit=unit,
        lower=lower,
        upper=upper,
        confidence=level,
        n=n,
        sentence=msg(
            "half of the {n} values lie below {value}; chance alone could put this middle between {lower} and {upper}",
            n=Quantity(n),
            value=shown(float(np.median(ordered)), unit),
            lower=shown(lower, unit),
            upper=shown(upper, unit),
        ),
        details={
            "lower_rank": rank,
            "upper_rank": n + 1 - rank,
            "coverage": float(1 - 2 * special.bdtr(rank - 1, n, 0.5)),
        },
    )
