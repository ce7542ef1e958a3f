"""Weights that make a comparison group resemble the treated one: entropy balancing, propensity odds, nearest neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector


def entropy_weights(covariates: Matrix, target: Vector, base: Vector) -> Vector:
    """Return weights, summing to 1, as close as possible to `base`, under which the covariates have exactly the target means.

    Newton's method on the dual with step halving. Source: Hainmueller (2012) Political Analysis 20.
    """
    spread = covariates.std(axis=0)
    centred = (covariates - target) / np.where(spread > 0, spread, 1.0)
    dual = np.zeros(centred.shape[1])

    def weigh(values: Vector) -> tuple[Vector, float]:
        power = centred @ values + np.log(base)
        top = float(power.max())
        raw = np.exp(power - top)
        return raw / raw.sum(), float(np.log(raw.sum()) + top)

    weights, value = weigh(dual)
    for _ in range(500):
        gradient = weights @ centred
        if np.abs(gradient).max() < 1e-12:
            return weights
        hessian = centred.T @ (weights[:, None] * centred) - np.outer(gradient, gradient)
        step = np.linalg.lstsq(hessian, -gradient, rcond=1e-12)[0]
        size = 1.0
        while size > 1e-8:
            moved, lower = weigh(dual + size * step)
            if lower <= value + 1e-4 * size * float(gradient @ step) + 1e-15:
                break
            size /= 2
        if np.abs(dual).max() > 1e4:
            break
        dual, weights, value = dual + size * step, moved, lower
    if np.abs(weights @ centred).max() < 1e-8:
        return weights
    raise StatsError.of(codes.NO_OVERLAP)


def propensity_scores(covariates: Matrix, treated: NDArray[np.bool_]) -> Vector:
    """Return the logistic probability of being treated; it settles unless the covariates tell the groups apart."""
    spread = covariates.std(axis=0)
    if (spread == 0).any():
        raise StatsError.of(codes.COLLINEAR)
    design = np.column_stack([np.ones(len(covariates)), (covariates - covariates.mean(axis=0)) / spread])
    if np.linalg.matrix_rank(design, tol=1e-8) < design.shape[1]:
        raise StatsError.of(codes.COLLINEAR)
    beta = np.zeros(design.shape[1])
    for _ in range(100):
        score = 1 / (1 + np.exp(-design @ beta))
        hessian = design.T @ ((score * (1 - score))[:, None] * design)
        step = np.linalg.lstsq(hessian, design.T @ (treated - score), rcond=None)[0]
        beta = beta + step
        if np.abs(beta).max() > 50:
            raise StatsError.of(codes.NO_OVERLAP)
        if np.abs(step).max() < 1e-11:
            return np.asarray(1 / (1 + np.exp(-design @ beta)))
    raise StatsError.of(codes.NO_OVERLAP)


def nearest_pairs(scores: Vector, treated: NDArray[np.bool_], caliper: float | None) -> list[tuple[int, int]]:
    """Return one-to-one pairs without replacement: highest score first, the nearest free comparison, ties by position."""
    free = np.flatnonzero(~treated).tolist()
    order = sorted(np.flatnonzero(treated).tolist(), key=lambda i: (-scores[i], i))
    pairs = []
    for i in order:
        if not free:
            break
        gaps = np.abs(scores[free] - scores[i])
        best = int(gaps.argmin())
        if caliper is None or gaps[best] <= caliper:
            pairs.append((i, free.pop(best)))
    return pairs
