"""Weights that are positive and sum to one: the exact solution, and the iterations published with synthetic differences."""

from __future__ import annotations

import numpy as np

from evalkit.stats._inputs import Matrix, Vector

FIRST_ROUND = 100
SECOND_ROUND = 10000


def convex_weights(donors: Matrix, target: Vector) -> Vector:
    """Return the weights w ≥ 0, Σw = 1, that bring `donors @ w` closest to the target.

    With u ≥ 0 free, the least of `‖(donors − target) u‖² + (Σu − 1)²` is reached at a multiple of w: one non-negative least
    squares, solved exactly by an active set, gives them.
    """
    from scipy.optimize import nnls

    gap = donors - target[:, None]
    scale = float(np.abs(gap).max()) or 1.0
    found, _ = nnls(np.vstack([gap / scale, np.ones(donors.shape[1])]), np.r_[np.zeros(len(target)), 1.0])
    return np.asarray(found / found.sum())


def frank_wolfe(
    columns: Matrix, target: Vector, penalty: float, tolerance: float, start: Vector | None = None
) -> Vector:
    """Return the penalised weights with a free level: two rounds of Frank-Wolfe, small weights set to zero between them.

    `start` are the weights to begin with, equal ones otherwise.

    Source: Arkhangelsky et al. (2021), algorithm 1, with the stopping rule of the authors' program.
    """
    columns, target = columns - columns.mean(axis=0), target - target.mean()
    if start is None or not start.sum() > 0:
        start = np.ones(columns.shape[1])
    first = _round(columns, target, penalty, tolerance, start / start.sum(), FIRST_ROUND)
    kept = np.where(first <= first.max() / 4, 0.0, first)
    return _round(columns, target, penalty, tolerance, kept / kept.sum(), SECOND_ROUND)


def _round(columns: Matrix, target: Vector, penalty: float, tolerance: float, weights: Vector, most: int) -> Vector:
    rows = len(target)
    eta = rows * penalty**2
    norms = (columns**2).sum(axis=0)
    fitted = columns @ weights
    last = np.inf
    for step in range(most):
        slope = (fitted - target) @ columns + eta * weights
        best = int(slope.argmin())
        direction = -weights
        direction[best] += 1
        moved = columns[:, best] - fitted
        length = norms[best] - 2 * columns[:, best] @ fitted + fitted @ fitted + eta * (direction @ direction)
        size = min(1.0, max(0.0, float(-(slope @ direction) / length))) if length > 0 else 0.0
        weights, fitted = weights + size * direction, fitted + size * moved
        rest = fitted - target
        value = penalty**2 * float(weights @ weights) + float(rest @ rest) / rows
        if step > 0 and last - value <= tolerance**2:
            break
        last = value
    return weights
