"""Weights that are positive and sum to one: the exact solution, and the iterations published with synthetic differences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.text import msg

FIRST_ROUND = 100
SECOND_ROUND = 10000
REFRESH = 1000
SMALLEST_SCALE = 1e-100
TINY = 1e-300
ON_FACE = 1e-9
STEPS = 200
SINGULAR = 1e-15


def convex_weights(donors: Matrix, target: Vector) -> Vector:
    """Return the weights w ≥ 0, Σw = 1, that bring `donors @ w` closest to the target; among equals, the most even ones.

    With u ≥ 0 free, the least of `‖(donors − target) u‖² + (Σu − 1)²` is reached at a multiple of w: one non-negative least
    squares, solved exactly by an active set, gives them. A target inside the hull of the donors is met by many mixes: the one of
    least `Σw²` is taken, so that the order of the donors never matters.
    """
    from scipy.optimize import nnls

    gap = donors - target[:, None]
    scale = float(np.abs(gap).max()) or 1.0
    gap = gap / scale
    found, _ = nnls(np.vstack([gap, np.ones(donors.shape[1])]), np.r_[np.zeros(len(target)), 1.0])
    weights = np.asarray(found / found.sum())
    rest = gap @ weights
    slack = rest @ gap - rest @ rest
    size = float(np.sqrt(rest @ rest))
    if slack.min() < -1e-8 * max(size, 1e-6):
        raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the weights of the donors"))
    face = np.flatnonzero((slack <= ON_FACE * size) | (size <= ON_FACE))
    return weights if set(face) <= set(np.flatnonzero(weights)) else _most_even(gap, weights, rest, face)


def _most_even(gap: Matrix, weights: Vector, rest: Vector, face: NDArray[np.intp]) -> Vector:
    """Return the weights of least sum of squares among those of the same fit: `w = max(0, Eᵀy)`, by Newton steps on y."""
    rows = np.vstack([gap[:, face] - rest[:, None], np.ones(len(face))])
    goal = np.r_[np.zeros(len(rest)), 1.0]
    dual = np.r_[np.zeros(len(rest)), 1 / len(face)]

    across, damping = rows.T, np.eye(len(goal))

    def at(y: Vector) -> tuple[Vector, float]:
        """Return the mix at a point and the objective there; each is asked for once a point, as it is most of the work."""
        mix = np.maximum(across @ y, 0)
        return mix, float((mix**2).sum() / 2 - y[-1])

    mix, here = at(dual)
    for _ in range(STEPS):
        slope = rows @ mix - goal
        length = float(np.sqrt(slope @ slope))
        if length < 1e-13:
            break
        active = rows[:, mix > 0]
        bend = active @ active.T + 1e-3 * length * damping
        try:
            step = -np.linalg.solve(bend, slope)
        except np.linalg.LinAlgError:  # at the last digits the damping may be lost in rounding
            step = -np.linalg.lstsq(bend, slope, rcond=SINGULAR)[0]
        size, fall = 1.0, float(slope @ step)
        there, found = at(dual + step)
        while found > here + 1e-4 * size * fall and size > 1e-6:
            size /= 2
            there, found = at(dual + size * step)
        dual, mix, here = dual + size * step, there, found
    if np.abs(rows @ mix - goal).max() > ON_FACE:
        raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the weights of the donors"))
    even = np.zeros_like(weights)
    even[face] = mix
    return np.asarray(even / even.sum())


@dataclass(frozen=True)
class Problems:
    """Many penalised least squares over weights that sum to one, one row each: `(wᵀ(G + ηI)w − 2cᵀw) / rows`.

    `gram` is G, shared by all (n × n) or one each; `cross` is c; `allowed` says which weights may differ from zero; `penalty` is η.
    """

    gram: NDArray[np.float64]
    cross: Matrix
    allowed: NDArray[np.bool_]
    rows: Vector
    penalty: Vector

    def take(self, kept: NDArray[np.bool_]) -> Problems:
        """Return some of the problems."""
        gram = self.gram if self.gram.ndim == 2 else self.gram[kept]
        return Problems(gram, self.cross[kept], self.allowed[kept], self.rows[kept], self.penalty[kept])

    def times(self, weights: Matrix) -> Matrix:
        """Return `(G + ηI) w`."""
        product = weights @ self.gram if self.gram.ndim == 2 else np.einsum("bi,bij->bj", weights, self.gram)
        return np.asarray(product + self.penalty[:, None] * weights)


def frank_wolfe(problems: Problems, tolerance: float, start: Matrix | None = None) -> Matrix:
    """Return the weights of every problem: two rounds of Frank-Wolfe, small weights set to zero between them.

    `start` are the weights to begin with, equal ones otherwise.

    Source: Arkhangelsky et al. (2021), algorithm 1, with the stopping rule of the authors' program.
    """
    equal = problems.allowed / problems.allowed.sum(axis=1, keepdims=True)
    if start is not None:
        total = np.where(problems.allowed, start, 0.0).sum(axis=1, keepdims=True)
        equal = np.where(total > 0, np.where(problems.allowed, start, 0.0) / np.where(total > 0, total, 1.0), equal)
    first = _round(problems, tolerance, equal, FIRST_ROUND)
    kept = np.where(first <= first.max(axis=1, keepdims=True) / 4, 0.0, first)
    return _round(problems, tolerance, kept / kept.sum(axis=1, keepdims=True), SECOND_ROUND)


def _round(problems: Problems, tolerance: float, start: Matrix, most: int) -> Matrix:
    """Step all problems together until each stops by the rule or after `most` steps; those that stop leave the batch."""
    found = start.copy()
    at = np.arange(len(start))
    batch = _Batch.of(problems, start)
    for step in range(most):
        if (step and step % REFRESH == 0) or batch.scale.min() < SMALLEST_SCALE:
            batch = _Batch.of(batch.problems, batch.weights())
        gain = batch.step()
        if step == 0:
            continue
        done = gain <= tolerance**2 * batch.problems.rows
        if done.any():
            found[at[done]] = batch.weights()[done]
            at = at[~done]
            if not len(at):
                return found
            batch = batch.take(~done)
    found[at] = batch.weights()
    return found


@dataclass
class _Batch:
    """The state of the steps: weights and half gradients, both over `scale`, which shrinks at each step."""

    problems: Problems
    scaled: Matrix
    slope: Matrix
    scale: Vector
    quadratic: Vector
    linear: Vector
    diagonal: Matrix
    buffer: Matrix
    index: NDArray[np.intp]

    @classmethod
    def of(cls, problems: Problems, weights: Matrix) -> _Batch:
        """Compute the state from the weights alone, so that rounding does not pile up."""
        product = problems.times(weights)
        diagonal = np.diagonal(problems.gram, axis1=-2, axis2=-1) + problems.penalty[:, None]
        return cls(
            problems, weights.copy(), np.where(problems.allowed, product - problems.cross, np.inf),
            np.ones(len(weights)), (product * weights).sum(axis=1), (problems.cross * weights).sum(axis=1),
            diagonal, np.empty_like(weights), np.arange(len(weights)),
        )  # fmt: skip

    def take(self, kept: NDArray[np.bool_]) -> _Batch:
        """Return some of the problems, where they are."""
        return _Batch(
            self.problems.take(kept), self.scaled[kept], self.slope[kept], self.scale[kept], self.quadratic[kept],
            self.linear[kept], self.diagonal[kept], self.buffer[kept], np.arange(int(kept.sum())),
        )  # fmt: skip

    def weights(self) -> Matrix:
        """Return the weights as they are now."""
        return np.asarray(self.scaled * self.scale[:, None])

    def step(self) -> Vector:
        """Move every problem towards its best corner by the exact line search; return how much each objective falls."""
        problems, index = self.problems, self.index
        best = self.slope.argmin(axis=1)
        cross, diagonal = problems.cross[index, best], self.diagonal[index, best]
        here = self.slope[index, best] * self.scale
        product = here + cross
        along = here - (self.quadratic - self.linear)
        length = diagonal - 2 * product + self.quadratic
        size = np.minimum(np.maximum(-along / np.maximum(length, TINY), 0.0), 1.0)
        rest = 1 - size
        self.quadratic = rest**2 * self.quadratic + 2 * size * rest * product + size**2 * diagonal
        self.linear = rest * self.linear + size * cross
        self._move(best, size, rest)
        return np.asarray(-(2 * size * along + size**2 * length))

    def _move(self, best: NDArray[np.intp], size: Vector, rest: Vector) -> None:
        problems, index = self.problems, self.index
        corner = rest == 0
        if corner.any():
            self.scaled[corner], rest = 0.0, np.where(corner, 1.0, rest)
            self.slope[corner] = np.where(problems.allowed[corner], 0.0, np.inf)
            self.scale[corner] = 1.0
        self.scale *= rest
        part = size / self.scale
        if problems.gram.ndim == 2:
            np.take(problems.gram, best, axis=0, out=self.buffer, mode="clip")  # the other mode copies once more
        else:
            self.buffer[:] = problems.gram[index, best]
        self.buffer -= problems.cross
        self.buffer *= part[:, None]
        self.slope += self.buffer
        self.slope[index, best] += part * problems.penalty
        self.scaled[index, best] += part
