"""The effect on the treated after matching or weighting, with an error that knows how the comparison was made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Row, Vector
from evalkit.stats._laws import t_p, two_sided_t
from evalkit.stats._links import Links, local_variances, whitened

LEAST = 1e-3
ROUGH = 0.1


@dataclass(frozen=True)
class Effect:
    """The mean effect on the treated, its variance, the degrees of freedom of its Student law, whether a regression mends the pairs."""

    value: float
    variance: float
    df: float
    corrected: bool = False

    def row(self, level: float, n: int) -> Row:
        """Return the row of the table."""
        se = math.sqrt(self.variance)
        half = two_sided_t(level, self.df) * se
        return {
            "term": "effect", "kind": "effect", "value": self.value, "se": se, "lower": self.value - half,
            "upper": self.value + half, "p_value": t_p(self.value / se, self.df) if se > 0 else None, "n": n,
        }  # fmt: skip


def linked_effect(y: Vector, covariates: Matrix, chosen: NDArray[np.bool_], links: Links, *, correct: bool) -> Effect:
    """Return the effect of matched units, what is left between a unit and its matches taken out by a regression.

    With `correct` (and units enough), a regression of the matched comparison units on the covariates carries their outcomes to the
    covariates of the treated. The effect is `Σ(yᵢ − Σⱼ aᵢⱼ yⱼ)/n₁` with known aᵢⱼ, so its variance is `(Σ(gapᵢ − effect)² +
    Σⱼ((Σᵢ aᵢⱼ)² − Σᵢ aᵢⱼ²) σⱼ²)/n₁²`, σⱼ² from the nearest comparison units.

    Source: Abadie & Imbens (2006) Econometrica 74, theorem 7; (2011) JBES 29.
    """
    kept = links.kept
    size = int(kept.sum())
    points = (covariates - covariates.mean(axis=0)) / covariates.std(axis=0)
    design = np.column_stack([np.ones(len(points)), points])
    own, others = design[chosen], design[~chosen]
    load = links.loads(np.ones((len(own), 1)))[:, 0]
    correct = correct and int((load > 0).sum()) > others.shape[1]
    squares, slope = links.squares(), np.zeros((others.shape[1], len(others)))
    left = np.where(kept[:, None], own - links.means(others), 0.0)
    if correct:
        weighted = load[:, None] * others
        slope = np.linalg.pinv(others.T @ weighted, rcond=1e-10, hermitian=True) @ weighted.T
        squares = squares + 2 * (links.loads(left) * slope.T).sum(axis=1)
        squares = squares + np.einsum("pj,pq,qj->j", slope, left.T @ left, slope)
        load = load + left.sum(axis=0) @ slope
    gaps = (y[chosen] - links.means(y[~chosen][:, None])[:, 0] - left @ (slope @ y[~chosen]))[kept]
    value = float(gaps.mean())
    around = local_variances(whitened(covariates)[~chosen], y[~chosen])
    scatter = float(((gaps - value) ** 2).sum()) * size / (size - 1)
    least = float((load**2 * around).sum())
    variance = max(scatter + float(((load**2 - squares) * around).sum()), least) / size**2
    effective = float(load.sum() ** 2 / (load**2).sum())
    return Effect(value, variance, max(min(size, effective) - 1, 1.0), correct)


def balanced_effect(y: Vector, covariates: Matrix, chosen: NDArray[np.bool_], weights: Vector) -> Effect:
    """Return the effect under entropy balancing, with the error of weights that are estimated.

    The weights solve moment equations, so a comparison unit counts by its weight times what the weighted regression on the covariates
    leaves of its outcome (over one minus its leverage), a treated one by what the same slopes leave of its.

    Source: Zhao & Percival (2017) J. Causal Inference 5; leverages: MacKinnon & White (1985).
    """
    w = weights[~chosen] / weights[~chosen].sum()
    centre = covariates[chosen].mean(axis=0)
    spread = np.where(covariates.std(axis=0) > 0, covariates.std(axis=0), 1.0)
    points = (covariates - centre) / spread
    design = np.column_stack([np.ones(len(points)), points])
    others = design[~chosen]
    inverse = np.linalg.pinv(others.T @ (w[:, None] * others), rcond=1e-12, hermitian=True)
    slopes = inverse @ (others.T @ (w * y[~chosen]))
    leverage = w * np.einsum("ip,pq,iq->i", others, inverse, others)
    value = float(y[chosen].mean() - w @ y[~chosen])
    own = (y - design @ slopes)[chosen] - value
    rest = w * (y[~chosen] - others @ slopes) / np.maximum(1 - leverage, LEAST)
    size, free = int(chosen.sum()), 1 / float((w**2).sum()) - covariates.shape[1] - 1
    return _summed(value, float((own**2).sum()) / (size * (size - 1)), float((rest**2).sum()), size - 1, free)


def odds_effect(y: Vector, covariates: Matrix, chosen: NDArray[np.bool_], scores: Vector) -> Effect:
    """Return the effect under weighting by the odds of a logistic score, with the error of a score that is estimated.

    Source: Hirano, Imbens & Ridder (2003) Econometrica 71; Lunceford & Davidian (2004) Stat. Med. 23; leverages: MacKinnon & White (1985).
    """
    odds = (scores / (1 - scores))[~chosen]
    w, size = odds / odds.sum(), int(chosen.sum())
    points = (covariates - covariates.mean(axis=0)) / covariates.std(axis=0)
    design = np.column_stack([np.ones(len(points)), points])
    others = design[~chosen]
    mean = float(w @ y[~chosen])
    value = float(y[chosen].mean()) - mean
    information = design.T @ ((scores * (1 - scores))[:, None] * design)
    moved = np.linalg.solve(information, (w * (y[~chosen] - mean)) @ others)
    part = -(design @ moved) * (chosen - scores)
    part[chosen] += (y[chosen] - y[chosen].mean()) / size
    part[~chosen] -= w * (y[~chosen] - mean)
    inverse = np.linalg.pinv(others.T @ (w[:, None] * others), rcond=1e-12, hermitian=True)
    leverage = np.full(len(y), 1 / size)
    leverage[~chosen] = w * np.einsum("ip,pq,iq->i", others, inverse, others)
    part = part / np.maximum(1 - leverage, ROUGH)
    free = 1 / float((w**2).sum()) - covariates.shape[1] - 1
    return _summed(value, float((part[chosen] ** 2).sum()), float((part[~chosen] ** 2).sum()), size - 1, free)


def _summed(value: float, own: float, others: float, df: float, other_df: float) -> Effect:
    """Join the variances of the treated and of the comparison units, degrees of freedom by Satterthwaite."""
    total = own + others
    if total == 0:
        return Effect(value, 0.0, df)
    return Effect(value, total, max(total**2 / (own**2 / df + others**2 / max(other_df, 1.0)), 1.0))
