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
from evalkit.stats.panel.wild import signs

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


def multiplier_test(effects: Effects, law: Law, seed: int) -> tuple[float, float, float]:
    """Return limits and p-value of the overall effect from sign changes of the clusters' influence."""
    sums = cluster_sums(effects.overall_influence[:, None], law.clusters)[:, 0]
    moved = np.sort(np.abs(signs(len(sums), seed) @ sums)) * math.sqrt(law.factor)
    p = float((moved >= abs(effects.overall) * (1 - 1e-10)).mean())
    rank = min(len(moved) - 1, math.ceil(law.level * len(moved)))
    reach = float(moved[rank])
    return effects.overall - reach, effects.overall + reach, max(p, 2 / len(moved))


def assignments(panel: Panel, seed: int) -> tuple[Iterator[Vector], int, bool]:
    """Return the other dates of treatment that could have been, the observed ones first; their number; whether they are all."""
    names = np.unique(panel.clusters)
    whole = all(len(np.unique(panel.first[panel.clusters == name])) == 1 for name in names)
    group = np.searchsorted(names, panel.clusters) if whole else np.arange(panel.n)
    dates = np.array([panel.first[group == i][0] for i in range(int(group.max()) + 1)])
    count = math.factorial(len(dates))
    for date in np.unique(dates):
        count //= math.factorial(int((dates == date).sum()))
    if count <= ENUMERATED:
        return ((found[group]) for found in _arrangements(dates)), count, True
    random = np.random.default_rng(seed)
    drawn = (random.permutation(dates)[group] for _ in range(DRAWS))
    return _first_then(panel.first, drawn), DRAWS + 1, False


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


def randomisation_test(
    panel: Panel, estimate: Callable[[Panel], float], level: float, seed: int
) -> tuple[float | None, float | None, float, int, bool]:
    """Return limits and exact p-value of a constant effect by re-assigning the dates of treatment.

    The estimators are linear in the outcome, so that the effect under any constant shift follows from two estimates per assignment.
    """
    options, count, complete = assignments(panel, seed)
    dose = np.where(panel.times[None, :] >= panel.first[:, None], 1.0, 0.0)
    dose[np.isnan(panel.outcome)] = np.nan
    pairs = []
    for first in options:
        moved = replace(panel, first=first)
        pairs.append((estimate(moved), estimate(replace(moved, outcome=dose))))
    found = np.array(pairs)

    def p_value(shift: float) -> float:
        distance = np.abs(found[:, 0] - shift * found[:, 1])
        return float((distance >= distance[0] * (1 - 1e-10)).mean())

    value, reach = float(found[0, 0] / found[0, 1]), float(found[:, 0].std()) or 1.0
    lower, upper = (_end(p_value, value, side * reach, 1 - level) for side in (-1, 1))
    return lower, upper, p_value(0.0), count, complete


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
