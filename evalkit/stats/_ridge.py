"""Mixes of donors whose misfit is mended by a ridge regression: weights may then be negative, but stay small."""

from __future__ import annotations

import numpy as np

from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._simplex import convex_weights

PENALTIES = 20
SMALLEST = 1e-8


def mended_weights(rows: Matrix, goal: Vector, weights: Vector, penalty: float) -> Vector:
    """Return the weights moved towards the goal: `w + X'(XX' + λI)⁻¹(goal − Xw)`, X the rows less their means; they still sum to one.

    Source: Ben-Michael, Feller & Rothstein (2021) JASA 116, equation 12.
    """
    return np.asarray(weights + _moves(rows, goal - rows @ weights, np.array([penalty]))[0])


def cross_validated(rows: Matrix, goal: Vector) -> float:
    """Return the penalty that foresees each row from the others: the largest within one standard error of the best.

    Source: Ben-Michael, Feller & Rothstein (2021) JASA 116, § 5.3.
    """
    largest = float(np.linalg.norm(rows - rows.mean(axis=1, keepdims=True), 2) ** 2) or 1.0
    penalties = np.geomspace(largest, largest * SMALLEST, PENALTIES + 1)
    errors = np.empty((len(goal), len(penalties)))
    for t in range(len(goal)):
        kept = np.arange(len(goal)) != t
        weights = convex_weights(rows[kept], goal[kept])
        moved = weights + _moves(rows[kept], goal[kept] - rows[kept] @ weights, penalties)
        errors[t] = (goal[t] - moved @ rows[t]) ** 2
    mean = errors.mean(axis=0)
    best = int(mean.argmin())
    room = float(errors[:, best].std(ddof=1)) / np.sqrt(len(goal))
    return float(penalties[int((mean <= mean[best] + room).argmax())])


def _moves(rows: Matrix, gap: Vector, penalties: Vector) -> Matrix:
    """Return the move of the weights for each penalty."""
    left, size, right = np.linalg.svd(rows - rows.mean(axis=1, keepdims=True), full_matrices=False)
    shrunk = size / (size**2 + penalties[:, None])
    return np.asarray((shrunk * (left.T @ gap)) @ right)
