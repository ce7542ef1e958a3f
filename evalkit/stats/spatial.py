"""Do neighbours resemble each other?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Matrix,
    Vector,
    choice,
    enough,
    judged,
    none_negative,
    refuse_constant,
    table,
    vector,
)
from evalkit.stats._laws import normal_p
from evalkit.text import Message, Quantity, msg

INFERENCES = ("normal", "permutation", "randomisation")
PERMUTATIONS = 999


def moran(
    values: Sequence[float] | Vector | pd.Series,
    weights: Matrix | pd.DataFrame,
    *,
    standardise: bool = True,
    inference: str = "randomisation",
    seed: int = 0,
) -> Estimate:
    """Say whether neighbouring territories resemble each other more than chance would have it (Moran's I).

    Args:
        values: one number per territory.
        weights: square matrix, row i holds the weights of the neighbours of i (1 for a neighbour, 0 otherwise), same order.
        standardise: divide each row by its sum.
        inference: `randomisation` (moments under permutation of the values), `normal` (moments of normal values), `permutation`
            (999 seeded permutations).
        seed: seed of the permutations.

    Returns:
        Moran's I with its two-sided p-value; `table` also has Geary's C; `details` the expectation, the variance and z.

    Raises:
        StatsError: a matrix of another size, negative weights, no neighbour at all, constant values, fewer than four territories.

    When not to use it: rates of very unequal populations (small ones vary more): shrink first. On residuals it is a check, with
    approximate p-value.
    Assumption: under the null the values could be exchanged between territories.
    Formula: `I = n/S₀ Σᵢⱼ wᵢⱼ zᵢ zⱼ / Σ zᵢ²`, expectation `−1/(n−1)`.
    Source: Moran (1950); Cliff & Ord (1981).

    Example:
        >>> import numpy as np
        >>> chain = np.eye(6, k=1) + np.eye(6, k=-1)
        >>> moran([1, 2, 3, 4, 5, 6], chain).value > 0
        True
    """
    choice(inference, "inference", INFERENCES)
    x, load, lonely = neighbours(values, weights, standardise=standardise)
    n, z = len(x), x - x.mean()
    total = float(z @ z)
    s0 = float(load.sum())
    value = n / s0 * float(z @ load @ z) / total
    expected = -1 / (n - 1)
    variance = _variance(load, z, inference)
    score = (value - expected) / math.sqrt(variance)
    p = normal_p(score)
    if inference == "permutation":
        random = np.random.default_rng(seed)
        drawn = [n / s0 * float(m @ load @ m) / total for m in (random.permutation(z) for _ in range(PERMUTATIONS))]
        away = np.abs(np.array(drawn) - expected) >= abs(value - expected) * (1 - 1e-12)
        p = float((1 + away.sum()) / (1 + PERMUTATIONS))
    gaps = (x[:, None] - x[None, :]) ** 2
    geary = (n - 1) / (2 * s0) * float((load * gaps).sum()) / total
    se = math.sqrt(variance)
    return Estimate(
        value=value,
        method="moran",
        unit="ratio",
        se=se,
        p_value=p,
        n=n,
        table=table(
            [
                {"term": "moran", "value": value, "se": se, "p_value": p, "n": n},
                {"term": "geary", "value": geary, "n": n},
            ]
        ),
        checks=(lonely,),
        sentence=_likeness(value, expected, p),
        details={"expected": expected, "variance": variance, "z": score, "geary": geary},
    )


def neighbours(
    values: Sequence[float] | Vector | pd.Series, weights: Matrix | pd.DataFrame, *, standardise: bool
) -> tuple[Vector, Matrix, Check]:
    """Return values and weights once looked at, and the check that every territory has a neighbour.

    Raises:
        StatsError: a matrix of another size, negative weights, no neighbour at all, constant values, fewer than four territories.
    """
    x = vector(values, "values")
    load = np.array(weights, dtype=np.float64)
    n = len(x)
    enough(n, 4, msg("territories"))
    if load.shape != (n, n):
        raise StatsError.of(codes.LENGTHS, name="values", n=Quantity(n), other="weights", m=Quantity(len(load)))
    none_negative(vector(load.ravel(), "weights"), "weights")
    sums = load.sum(axis=1)
    if sums.sum() == 0:
        raise StatsError.of(codes.NO_VARIATION, what="weights")
    if standardise:
        load = load / np.where(sums > 0, sums, 1)[:, None]
    refuse_constant(x, "values")
    count = int((sums == 0).sum())
    lonely = judged(
        "neighbours known",
        count == 0,
        msg("every territory has a neighbour"),
        msg("{n} territories have no neighbour", n=Quantity(count)),
    )
    return x, load, lonely


def _likeness(value: float, expected: float, p: float) -> Message:
    if p >= 0.05:
        return msg("neighbours resemble each other no more than chance would have it")
    if value > expected:
        return msg("neighbouring territories resemble each other")
    return msg("neighbouring territories differ more than chance would have it")


def _variance(load: Matrix, z: Vector, inference: str) -> float:
    n, s0 = len(z), float(load.sum())
    s1 = float(((load + load.T) ** 2).sum()) / 2
    s2 = float(((load.sum(axis=1) + load.sum(axis=0)) ** 2).sum())
    expected = -1 / (n - 1)
    if inference == "normal":
        return (n * n * s1 - n * s2 + 3 * s0 * s0) / ((n * n - 1) * s0 * s0) - expected**2
    kurtosis = n * float((z**4).sum()) / float((z**2).sum()) ** 2
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3 * s0 * s0)
    second = kurtosis * ((n * n - n) * s1 - 2 * n * s2 + 6 * s0 * s0)
    return (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0 * s0) - expected**2
