"""Trends that may differ after treatment by a multiple of what they differed before: Rambachan and Roth's relative magnitudes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.text import msg

Test = Callable[[float], bool]
FIRST_STAGE = 0.1
DRAWS = 50000
GRID = 801
REACH = 20.0
TOGETHER = 5000
"""Combinations of inequalities that are solved at once: enough for speed, little to hold."""


@dataclass(frozen=True)
class Course:
    """Effects before (`early` of them) and after a common reference, their covariance, and the weights of the effect asked for."""

    beta: Vector
    sigma: Matrix
    early: int
    target: Vector

    @property
    def late(self) -> int:
        """Number of periods after."""
        return len(self.beta) - self.early

    @property
    def value(self) -> float:
        """The effect asked for."""
        return float(self.target @ self.beta[self.early :])

    @property
    def se(self) -> float:
        """Its standard error."""
        part = self.sigma[self.early :, self.early :]
        return math.sqrt(float(self.target @ part @ self.target))


def relative_interval(course: Course, bound: float, level: float) -> tuple[float, float]:
    """Return the interval when no step after exceeds `bound` times the largest step before (C-LF hybrid)."""
    found = [_accepted(course, test) for test in _tests(course, bound, level)]
    limits = [ends for ends in found if ends is not None]
    if not limits:
        raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the interval under deviations from parallel trends"))
    return min(low for low, _ in limits), max(high for _, high in limits)


def relative_accepts(course: Course, bound: float, level: float, theta: float) -> bool:
    """Say whether an effect is compatible with the data under this bound."""
    return any(test(theta) for test in _tests(course, bound, level))


def _tests(course: Course, bound: float, level: float) -> Iterator[Test]:
    """Yield the test of each step that may be the largest one; each is costly to make, so a caller may stop at the first that accepts."""
    for place in range(course.early):
        for sign in (1.0, -1.0):
            yield _test(course, _steps(course, bound, place, sign), level)


def _steps(course: Course, bound: float, place: int, sign: float) -> Matrix:
    """Return the inequalities `A δ ≤ 0` when the step at `place` is the largest one before, with the given sign."""
    size = course.early + course.late
    steps = np.zeros((size, size + 1))
    steps[np.arange(size), np.arange(size)], steps[np.arange(size), np.arange(size) + 1] = -1, 1
    largest = sign * steps[place]
    cap = np.vstack([np.tile(largest, (course.early, 1)), np.tile(bound * largest, (course.late, 1))])
    rows = np.delete(np.vstack([steps - cap, -steps - cap]), course.early, axis=1)
    rows = rows[np.abs(rows).sum(axis=1) > 0]
    return np.asarray(rows if course.late == 1 else rows[np.abs(rows[:, course.early :]).sum(axis=1) > 0])


def _test(course: Course, rows: Matrix, level: float) -> Test:
    """Return the hybrid test of an effect under one set of inequalities: True where it is accepted."""
    noise = rows @ course.sigma @ rows.T
    late = rows[:, course.early :]
    frame = np.linalg.svd(course.target[None, :])[2]
    along = late @ course.target / float(course.target @ course.target)
    vertices = _vertices(late @ frame[1:].T, np.sqrt(np.maximum(np.diag(noise), 0)))
    cross = vertices @ noise @ vertices.T
    used = np.diag(cross) > 1e-18
    vertices, cross = vertices[used], cross[np.ix_(used, used)]
    alpha = 1 - level
    kappa = FIRST_STAGE * alpha
    cap = _Cap(cross, 1 - kappa)
    heights, slopes = vertices @ rows @ course.beta, vertices @ along
    size = (alpha - kappa) / (1 - kappa)
    return lambda theta: not _rejects(heights - theta * slopes, cross, cap, size)


class _Cap:
    """The least favourable value: a quantile of the largest of many normal variables, drawn only when a test hangs on it.

    It is at least `least`, the quantile of the widest of them alone: a test that accepts with `least` accepts with the cap.
    """

    def __init__(self, cross: Matrix, share: float) -> None:
        from scipy.special import ndtri

        self._cross, self._share = cross, share
        self.least = float(ndtri(share)) * math.sqrt(float(np.diag(cross).max()))

    @functools.cached_property
    def value(self) -> float:
        """The quantile, from seeded draws."""
        values, vectors = np.linalg.eigh(self._cross)
        root = vectors * np.sqrt(np.maximum(values, 0))
        drawn = np.random.default_rng(0).standard_normal((DRAWS, len(self._cross))) @ root.T
        return float(np.quantile(drawn.max(axis=1), self._share))


def _accepted(course: Course, test: Test) -> tuple[float, float] | None:
    """Return the lowest and highest effect accepted, refined between the points of a grid."""
    grid = course.value + course.se * np.linspace(-REACH, REACH, GRID)
    inside = np.flatnonzero([test(float(theta)) for theta in grid])
    if not len(inside):
        return None
    first, last = int(inside[0]), int(inside[-1])
    low = float(grid[0]) if first == 0 else _edge(test, float(grid[first]), float(grid[first - 1]))
    high = float(grid[-1]) if last == GRID - 1 else _edge(test, float(grid[last]), float(grid[last + 1]))
    return low, high


def _edge(test: Test, inside: float, outside: float) -> float:
    for _ in range(25):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if test(middle) else (inside, middle)
    return inside


def _vertices(nuisance: Matrix, scale: Vector) -> Matrix:
    """Return the vertices of `γ ≥ 0, γ'X = 0, γ'σ = 1`: the ways to combine the inequalities that free them of the other effects."""
    size, free = nuisance.shape
    equations = np.vstack([scale[None, :], nuisance.T])
    goal = np.r_[1.0, np.zeros(free)]
    found: dict[tuple[float, ...], Vector] = {}
    choices = combinations(range(size), free + 1)
    while batch := list(islice(choices, TOGETHER)):
        for places, weights in _solved(equations, goal, np.array(batch)):
            vertex = np.zeros(size)
            vertex[places] = np.maximum(weights, 0)
            found[tuple(np.round(vertex / np.abs(vertex).max(), 10))] = vertex
    return np.array(list(found.values()))


def _solved(equations: Matrix, goal: Vector, chosen: NDArray[np.int_]) -> Iterator[tuple[NDArray[np.int_], Vector]]:
    """Yield the choices of inequalities that have one positive solution, with it."""
    parts = np.moveaxis(equations[:, chosen], 0, 1)
    sound = np.linalg.matrix_rank(parts) == len(goal)
    chosen, parts = chosen[sound], parts[sound]
    found = np.linalg.solve(parts, np.broadcast_to(goal[:, None], (len(parts), len(goal), 1)))[..., 0]
    positive = (found >= -1e-12 * np.abs(found).max(axis=1, keepdims=True)).all(axis=1)
    yield from zip(chosen[positive], found[positive], strict=True)


def _rejects(heights: Vector, cross: Matrix, cap: _Cap, size: float) -> bool:
    """Say whether the hybrid test rejects: above the least favourable value, or above its conditional quantile.

    Source: Andrews, Roth & Pakes (2023) Review of Economic Studies 90.
    """
    top = int(heights.argmax())
    statistic, variance = float(heights[top]), float(cross[top, top])
    if statistic <= 0:
        return False
    ratio = cross[:, top] / variance
    rest = heights - ratio * statistic
    below, above = ratio < 1 - 1e-10, ratio > 1 + 1e-10
    low = float((rest[below] / (1 - ratio[below])).max()) if below.any() else -math.inf
    high = float((rest[above] / (1 - ratio[above])).min()) if above.any() else math.inf
    deviation = math.sqrt(variance)

    def beyond(limit: float) -> bool:
        return statistic > limit or statistic > max(0.0, _truncated(1 - size, low, min(high, limit), deviation))

    if not beyond(cap.least):
        return False
    return beyond(math.inf) or beyond(cap.value)


def _truncated(p: float, low: float, high: float, se: float) -> float:
    """Return the quantile of a centred normal law cut to an interval (tails computed from the near side)."""
    from scipy.special import ndtr, ndtri

    if low >= high:
        return low
    if low > 0:
        tail_low, tail_high = ndtr(-low / se), ndtr(-high / se)
        return float(-se * ndtri(tail_low - p * (tail_low - tail_high)))
    start, end = ndtr(low / se), ndtr(high / se)
    return float(se * ndtri(start + p * (end - start)))
