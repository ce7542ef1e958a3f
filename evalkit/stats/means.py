"""The interval of a mean."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats._inputs import Vector, confidence_level, enough, judged, refuse_constant, shown, vector
from evalkit.stats._laws import two_sided_t
from evalkit.text import Quantity, msg

LARGE = 30


def mean_interval(
    values: Sequence[float] | Vector | pd.Series, confidence: float = 0.95, *, unit: str = ""
) -> Estimate:
    """Say how far chance alone could move a mean (of a score, of incomes of persons who were asked).

    Args:
        values: one number per person, dwelling or school.
        confidence: level of the interval.
        unit: unit of the values.

    Returns:
        The mean with Student's interval.

    Raises:
        StatsError: missing values, fewer than two, values that are all alike.

    When not to use it: few values of a very lopsided law (prices, incomes): take the median; a whole population that was counted.
    Assumption: independent draws; a normal law, or at least about 30 values.
    Formula: `x̄ ± t₍n−1₎ s/√n`.
    Source: Student (1908) Biometrika 6.

    Example:
        >>> found = mean_interval([12, 15, 11, 14])
        >>> found.value, round(found.lower, 2), round(found.upper, 2)
        (13.0, 10.09, 15.91)
    """
    level = confidence_level(confidence)
    numbers = vector(values, "values")
    n = len(numbers)
    enough(n, 2, msg("values"))
    refuse_constant(numbers, "values")
    mean, se = float(numbers.mean()), float(numbers.std(ddof=1)) / math.sqrt(n)
    half = two_sided_t(level, n - 1) * se
    centred = numbers - mean
    skew = float((centred**3).mean() / ((centred**2).mean()) ** 1.5)
    return Estimate(
        value=mean,
        method="student_mean",
        unit=unit,
        se=se,
        lower=mean - half,
        upper=mean + half,
        confidence=level,
        n=n,
        checks=(
            judged(
                "shape",
                n >= LARGE or abs(skew) < 1,
                msg("the values are not lopsided, or there are enough of them"),
                msg("few values, and lopsided ones: the median would be safer"),
            ),
        ),
        sentence=msg(
            "the mean of {n} values is {value}; chance alone could put it between {lower} and {upper}",
            n=Quantity(n), value=shown(mean, unit), lower=shown(mean - half, unit), upper=shown(mean + half, unit),
        ),
        details={"skewness": skew},
    )  # fmt: skip
