"""Where do neighbours resemble each other? Geary's C over all places, and Moran's I place by place (LISA)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats._inputs import Matrix, Vector, confidence_level, table
from evalkit.stats._laws import normal_p
from evalkit.stats.multiplicity import adjust
from evalkit.stats.spatial import neighbours
from evalkit.text import Quantity, msg

PERMUTATIONS = 999
KINDS = ("high-high", "low-high", "low-low", "high-low")


def geary(
    values: Sequence[float] | Vector | pd.Series, weights: Matrix | pd.DataFrame, *, standardise: bool = True
) -> Estimate:
    """Say whether neighbouring territories differ less from each other than chance would have it (Geary's C).

    Args:
        values: one number per territory.
        weights: square matrix of neighbours, as in `moran`.
        standardise: divide each row by its sum.

    Returns:
        Geary's C: 1 without association, below 1 where neighbours resemble each other; its two-sided p-value under permutation of the values.

    Raises:
        StatsError: as `moran`.

    When not to use it: as `moran`; it weighs differences of close neighbours more, and outliers with them.
    Assumption: under the null the values could be exchanged between territories.
    Formula: `C = (n−1)/(2 S₀) Σᵢⱼ wᵢⱼ (xᵢ − xⱼ)² / Σ z²`; moments under randomisation.
    Source: Geary (1954); Cliff & Ord (1981).

    Example:
        >>> import numpy as np
        >>> chain = np.eye(6, k=1) + np.eye(6, k=-1)
        >>> geary([1, 2, 3, 4, 5, 6], chain).value < 1
        True
    """
    x, load, lonely = neighbours(values, weights, standardise=standardise)
    n, z, s0 = len(x), x - x.mean(), float(load.sum())
    total = float(z @ z)
    value = (n - 1) / (2 * s0) * float((load * (x[:, None] - x[None, :]) ** 2).sum()) / total
    se = math.sqrt(_geary_variance(load, z))
    score = (1 - value) / se
    p = normal_p(score)
    return Estimate(
        value=value,
        method="geary",
        unit="ratio",
        se=se,
        p_value=p,
        n=n,
        table=table([{"term": "geary", "value": value, "se": se, "p_value": p, "n": n}]),
        checks=(lonely,),
        sentence=msg("neighbours resemble each other no more than chance would have it")
        if p >= 0.05
        else msg("neighbouring territories resemble each other")
        if value < 1
        else msg("neighbouring territories differ more than chance would have it"),
        details={"z": score, "variance": se**2},
    )


def _geary_variance(load: Matrix, z: Vector) -> float:
    n, s0 = len(z), float(load.sum())
    s1 = float(((load + load.T) ** 2).sum()) / 2
    s2 = float(((load.sum(axis=1) + load.sum(axis=0)) ** 2).sum())
    peak = n * float((z**4).sum()) / float((z**2).sum()) ** 2
    first = (n - 1) * s1 * (n * n - 3 * n + 3 - (n - 1) * peak)
    second = 0.25 * (n - 1) * s2 * (n * n + 3 * n - 6 - (n * n - n + 2) * peak)
    third = s0 * s0 * (n * n - 3 - (n - 1) ** 2 * peak)
    return (first - second + third) / (n * (n - 2) * (n - 3) * s0 * s0)


def local_moran(
    values: Sequence[float] | Vector | pd.Series,
    weights: Matrix | pd.DataFrame,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
    alpha: float = 0.05,
) -> Estimate:
    """Say where territories and their neighbours are high together, low together, or unlike (LISA).

    Args:
        values: one number per territory; the index of a Series names the territories.
        weights: square matrix of neighbours, as in `moran`; rows are divided by their sum.
        permutations: draws of the other territories' values around each territory.
        seed: seed of the draws.
        alpha: level of the decision, once the number of territories is taken into account.

    Returns:
        The number of territories that stand out after Benjamini-Hochberg; `table` has the local I of each (`value`; they add up to n times
        Moran's I), its permutation `p_value`, the adjusted one, and its `kind` (`high-high`, `low-low`, `high-low`, `low-high`).

    Raises:
        StatsError: as `moran`.

    When not to use it: raw rates of small territories (shrink first); a map of 1,000 tests read without adjustment.
    Assumption: under the null the values of the others could be exchanged among them.
    Formula: `Iᵢ = zᵢ Σⱼ wᵢⱼ zⱼ / m₂`, `m₂ = Σz²/n`; p from the share of draws at least as far from their mean.
    Source: Anselin (1995) Geographical Analysis 27.

    Example:
        >>> import numpy as np
        >>> chain = np.eye(8, k=1) + np.eye(8, k=-1)
        >>> local_moran([9, 9, 8, 1, 2, 1, 5, 4], chain).table["kind"].tolist()[0]
        'high-high'
    """
    confidence_level(alpha)
    x, load, lonely = neighbours(values, weights, standardise=True)
    n, z = len(x), x - x.mean()
    second = float(z @ z) / n
    lag = load @ z
    local = z * lag / second
    random = np.random.default_rng(seed)
    p = np.array([_local_p(i, z, load, float(lag[i]), random, permutations) for i in range(n)])
    fine = adjust(p, alpha=alpha).table
    adjusted = p if fine is None else fine["p_value"].to_numpy()
    high, around = z > 0, lag > 0
    kind = np.where(high & around, KINDS[0], np.where(around, KINDS[1], np.where(high, KINDS[3], KINDS[2])))
    names = values.index if isinstance(values, pd.Series) else range(n)
    frame = table(
        ({"term": str(name), "value": v, "p_value": q} for name, v, q in zip(names, local, p, strict=True)),
        ("adjusted_p_value", "kind"),
    )
    frame["adjusted_p_value"], frame["kind"] = adjusted, kind
    found = int((adjusted <= alpha).sum())
    return Estimate(
        value=float(found),
        method="local_moran",
        unit="count",
        confidence=1 - alpha,
        n=n,
        table=frame,
        checks=(lonely,),
        sentence=msg(
            "{found} of {n} territories stand out together with their neighbours, once their number is taken into account",
            found=Quantity(found), n=Quantity(n),
        ),
        details={"moran": float(local.sum() / load.sum()), "permutations": permutations},
    )  # fmt: skip


def _local_p(i: int, z: Vector, load: Matrix, lag: float, random: np.random.Generator, permutations: int) -> float:
    """Return the two-sided permutation p-value of one place; a place without neighbours has 1."""
    near = np.flatnonzero(load[i])
    if not len(near):
        return 1.0
    others = np.delete(z, i)
    drawn = np.array([random.permutation(others)[: len(near)] for _ in range(permutations)]) @ load[i, near]
    centre = float(others.mean()) * float(load[i].sum())
    return float((1 + (np.abs(drawn - centre) >= abs(lag - centre) * (1 - 1e-12)).sum()) / (1 + permutations))
