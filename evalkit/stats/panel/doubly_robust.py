"""One comparison of changes between a treated and a comparison group, with its influence function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.text import msg

TRIM = 1 - 1e-6


def plain_change(change: Vector, treated: NDArray[np.bool_], weights: Vector) -> tuple[float, Vector]:
    """Return the difference of the weighted mean changes and its influence (rows of weight 0 do not count)."""
    values, influence = plain_changes(change[:, None], treated, weights[:, None])
    return float(values[0]), influence[:, 0]


def plain_changes(change: Matrix, treated: NDArray[np.bool_], weights: Matrix) -> tuple[Vector, Matrix]:
    """Return the same for several comparisons of one treated group, a column each."""
    n, value, influence = len(change), np.zeros(change.shape[1]), np.empty_like(change)
    for group, sign in ((treated, 1.0), (~treated, -1.0)):
        mine, moved = weights[group], change[group]
        total = mine.sum(axis=0)
        mean = (mine * moved).sum(axis=0) / total
        value += sign * mean
        influence[group] = mine * (moved - mean) * (sign * n / total)
    return value, influence


def doubly_robust_change(
    change: Vector, treated: NDArray[np.bool_], weights: Vector, covariates: Matrix
) -> tuple[float, Vector]:
    """Return the doubly robust effect: changes corrected by a regression among the comparison group and by odds weights.

    Source: Sant'Anna & Zhao (2020) Journal of Econometrics 219, the traditional estimator.
    """
    n = len(change)
    used = weights > 0
    design = np.where(used[:, None], np.column_stack([np.ones(n), covariates]), 0.0)
    d = treated.astype(float)
    score, score_influence = _propensity(d, design, weights)
    zero = weights * (1 - d)
    gram = design.T @ (zero[:, None] * design) / n
    _well_posed(gram)
    coefficients = np.linalg.solve(gram, design.T @ (zero * change) / n)
    fitted = design @ coefficients
    ols_influence = (zero * (change - fitted))[:, None] * design @ np.linalg.inv(gram)
    one, odds = weights * d, zero * np.minimum(score, TRIM) / (1 - np.minimum(score, TRIM))
    rest = change - fitted
    part_one, part_zero = float(one @ rest / one.sum()), float(odds @ rest / odds.sum())
    slope_one = (one[:, None] * design).mean(axis=0) / one.mean()
    slope_zero = (odds[:, None] * design).mean(axis=0) / odds.mean()
    first = one * (rest - part_one) / one.mean() - ols_influence @ slope_one
    bent = ((odds * (rest - part_zero))[:, None] * design).mean(axis=0) / odds.mean()
    second = odds * (rest - part_zero) / odds.mean() + score_influence @ bent - ols_influence @ slope_zero
    return part_one - part_zero, first - second


def _propensity(d: Vector, design: Matrix, weights: Vector) -> tuple[Vector, Matrix]:
    """Return the weighted logit score of being treated and the influence of its coefficients."""
    beta = np.zeros(design.shape[1])
    n = len(d)
    for _ in range(100):
        score = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
        hessian = design.T @ ((weights * score * (1 - score))[:, None] * design) / n
        _well_posed(hessian)
        step = np.linalg.solve(hessian, design.T @ (weights * (d - score)) / n)
        beta = beta + step
        if np.abs(step).max() < 1e-10:
            score = 1 / (1 + np.exp(-np.clip(design @ beta, -500, 500)))
            hessian = design.T @ ((weights * score * (1 - score))[:, None] * design) / n
            return score, (weights * (d - score))[:, None] * design @ np.linalg.inv(hessian)
    raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the probability of being treated"))


def _well_posed(gram: Matrix) -> None:
    """Refuse covariates that are collinear, or that tell treated and comparison territories fully apart."""
    scale = np.sqrt(np.maximum(np.diag(gram), 1e-300))
    if not np.isfinite(gram).all() or np.linalg.cond(gram / np.outer(scale, scale)) > 1e12:
        raise StatsError.of(codes.COLLINEAR)
