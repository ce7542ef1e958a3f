"""From an effect and its influence function to an interval: analytic, with every sign of the clusters, or by re-assignment."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._laws import normal_p, t_p, two_sided_t, two_sided_z
from evalkit.stats.panel.cells import Effects
from evalkit.stats.panel.data import Panel

ENUMERATED = 5000
DRAWS = 999
ONE_THREAD = 250000


@dataclass(frozen=True)
class Law:
    """How a standard error becomes an interval: the clusters, the small-sample factor of the variance, degrees of freedom."""

    clusters: NDArray[np.int64]
    factor: float
    df: float | None
    level: float

    def limits(self, value: float, se: float) -> tuple[float, float, float]:
        """Return lower and upper limit and p-value."""
        if se <= 0:
            return value, value, float(value == 0)
        times = two_sided_z(self.level) if self.df is None else two_sided_t(self.level, self.df)
        p = normal_p(value / se) if self.df is None else t_p(value / se, self.df)
        return value - times * se, value + times * se, p


def cluster_sums(influence: Matrix, clusters: NDArray[np.int64]) -> Matrix:
    """Return the sum of the influence over each cluster, divided by the number of territories."""
    _, size = np.unique(clusters, return_counts=True)
    if len(size) == len(clusters):
        return np.asarray(influence[np.argsort(clusters)] / len(influence))
    order = np.argsort(clusters, kind="stable")
    starts = np.r_[0, np.cumsum(size)[:-1]]
    return np.asarray(np.add.reduceat(influence[order], starts, axis=0) / len(influence))


def covariance(effects: Effects, law: Law) -> Matrix:
    """Return the covariance of the terms, the overall effect last."""
    sums = cluster_sums(np.column_stack([effects.influence, effects.overall_influence]), law.clusters)
    return law.factor * _crossed(sums)


def _crossed(rows: Matrix) -> Matrix:
    """Return `rowsᵀ rows`, in blocks so small that the library uses one thread: to wait for a second one costs more than the product."""
    width = rows.shape[1]
    found, size = np.zeros((width, width)), max(1, ONE_THREAD // width**2)
    for i in range(0, len(rows), size):
        part = rows[i : i + size]
        found += np.ascontiguousarray(part.T) @ part
    return found


def whole_clusters(panel: Panel) -> bool:
    """Say whether all territories of a cluster are treated at the same date."""
    index = np.unique(panel.clusters, return_inverse=True)[1]
    early, late = np.full(panel.n, np.inf), np.full(panel.n, -np.inf)
    np.minimum.at(early, index, panel.first)
    np.maximum.at(late, index, panel.first)
    return bool((early[index] == late[index]).all())


def assignments(
    panel: Panel, seed: int, most: int = ENUMERATED, draws: int = DRAWS
) -> tuple[Iterator[Vector], int, bool]:
    """Return the other dates of treatment that could have been, the observed ones first; their number; whether they are all."""
    names = np.unique(panel.clusters)
    group = np.searchsorted(names, panel.clusters) if whole_clusters(panel) else np.arange(panel.n)
    dates = np.array([panel.first[group == i][0] for i in range(int(group.max()) + 1)])
    count = math.factorial(len(dates))
    for date in np.unique(dates):
        count //= math.factorial(int((dates == date).sum()))
    if count <= most:
        return ((found[group]) for found in _arrangements(dates)), count, True
    random = np.random.default_rng(seed)
    drawn = (random.permutation(dates)[group] for _ in range(draws))
    return _first_then(panel.first, drawn), draws + 1, False


def _first_then(first: Vector, others: Iterator[Vector]) -> Iterator[Vector]:
    yield first
    yield from others


def _arrangements(dates: Vector) -> Iterator[Vector]:
    """Yield every distinct arrangement of the dates, the given one first."""
    yield dates
    treated = [float(date) for date in np.unique(dates) if np.isfinite(date)]
    sizes = [int((dates == date).sum()) for date in treated]
    rest = np.inf if np.isinf(dates).any() else treated.pop()

    def fill(places: tuple[int, ...], level: int) -> Iterator[dict[int, float]]:
        if level == len(treated):
            yield {}
            return
        for chosen in combinations(places, sizes[level]):
            left = tuple(place for place in places if place not in chosen)
            for other in fill(left, level + 1):
                yield dict.fromkeys(chosen, treated[level]) | other

    for filled in fill(tuple(range(len(dates))), 0):
        found = np.full(len(dates), rest)
        for place, date in filled.items():
            found[place] = date
        if not np.array_equal(found, dates):
            yield found


@dataclass(frozen=True)
class Reassigned:
    """What re-assigning the dates of treatment gave: one row per assignment, the observed one first.

    `effects` has the terms and the overall effect last (NaN where an assignment has no such term), `unit` the overall effect of an outcome
    that is 1 where the observed treatment is on.
    """

    effects: Matrix
    unit: Vector
    complete: bool

    @property
    def count(self) -> int:
        """Number of assignments."""
        return len(self.unit)

    def p_value(self, shift: float = 0.0) -> float:
        """Return the exact p-value of a constant effect."""
        distance = np.abs(self.effects[:, -1] - shift * self.unit)
        return float((distance >= distance[0] * (1 - 1e-10)).mean())

    def limits(self, level: float) -> tuple[float | None, float | None, float]:
        """Return the constant effects that are not rejected (None where none is on that side), and the p-value of none at all."""
        value, reach = float(self.effects[0, -1] / self.unit[0]), float(self.effects[:, -1].std()) or 1.0
        lower, upper = (_end(self.p_value, value, side * reach, 1 - level) for side in (-1, 1))
        return lower, upper, self.p_value()

    def term_p(self, i: int) -> float | None:
        """Return the p-value of one term, None where some assignments do not have it."""
        size = np.abs(self.effects[:, i])
        return None if np.isnan(size).any() else float((size >= size[0] * (1 - 1e-10)).mean())


def reassigned(
    panel: Panel, estimate: Callable[[Panel], Vector], seed: int, most: int = ENUMERATED, draws: int = DRAWS
) -> Reassigned:
    """Estimate again with the dates of treatment given to other territories (clusters, where these are treated as a whole).

    The estimators are linear in the outcome, so that the effect under any constant shift follows from two estimates per assignment.
    """
    options, _, complete = assignments(panel, seed, most, draws)
    dose = np.where(panel.times[None, :] >= panel.first[:, None], 1.0, 0.0)
    effects, unit = [], []
    for first in options:
        moved = replace(panel, first=first)
        effects.append(estimate(moved))
        unit.append(estimate(moved.holding(dose))[-1])
    return Reassigned(np.array(effects), np.array(unit), complete)


def _end(p_value: Callable[[float], float], value: float, step: float, alpha: float) -> float | None:
    """Return the farthest shift that is not rejected on one side, or None where none is rejected."""
    inside, reach = value, 1.0
    while p_value(value + reach * step) > alpha:
        inside, reach = value + reach * step, 2 * reach
        if reach > 2**12:
            return None
    outside = value + reach * step
    for _ in range(50):
        middle = (inside + outside) / 2
        if p_value(middle) > alpha:
            inside = middle
        else:
            outside = middle
    return float(inside)
