"""Inference with few clusters: every sign of every cluster tried (up to 12), or drawn with a seed beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats.panel.cells import Effects
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.inference import cluster_sums
from evalkit.stats.panel.regression import two_way_residuals

ENUMERATED = 12
DRAWS = 9999
TIE = 1e-9


def signs(clusters: int, seed: int) -> Matrix:
    """Return the Rademacher signs, one row per draw: all of them up to 12 clusters; beyond, the observed one and 9,999 seeded draws."""
    if clusters <= ENUMERATED:
        bits = (np.arange(2**clusters)[:, None] >> np.arange(clusters)[None, :]) & 1
        return np.asarray(1.0 - 2.0 * bits)
    drawn = np.random.default_rng(seed).integers(0, 2, size=(DRAWS, clusters))
    return np.vstack([np.ones((1, clusters)), 1.0 - 2.0 * drawn])


def enough_signs(clusters: int, level: float) -> bool:
    """Say whether so many clusters can reject at all: the observed signs and their mirror always tie."""
    return clusters > ENUMERATED or 2 / 2**clusters <= 1 - level + 1e-12


@dataclass(frozen=True)
class WildBootstrap:
    """Restricted wild cluster bootstrap of one effect: residuals under the null change sign by cluster.

    An effect that is linear in the outcome is known from what it becomes on the residuals of one cluster alone. So only sums are kept: of
    each draw the effect, for the outcome and for a constant effect of 1, and the three terms of its squared error. A null value then
    costs no more than one pass over the draws.
    Source: Cameron, Gelbach & Miller (2008); Roodman, MacKinnon, Nielsen & Webb (2019); MacKinnon & Webb (2017) on few treated clusters.
    """

    found: Matrix
    """Effect of each draw (rows) on the outcome and on a constant effect of 1 (two columns)."""
    squares: Matrix
    """Squared error of each draw: of the outcome, crossed, of the constant effect (three columns)."""

    @classmethod
    def of(
        cls, column: Vector, outcome: Vector, basis: Matrix, clusters: NDArray[np.int64], seed: int = 0
    ) -> WildBootstrap:
        """Prepare the coefficient of a column; it and the outcome are already free of the basis, `clusters` are 0 to G − 1."""
        size = int(clusters.max()) + 1

        def sums(values: Matrix) -> Matrix:
            total = np.zeros((size, values.shape[1]))
            np.add.at(total, clusters, values)
            return total

        crossed, norms = sums(column[:, None] * basis), sums((column**2)[:, None])[:, 0]

        def parts(residuals: Vector) -> tuple[Vector, Matrix]:
            own = sums((column * residuals)[:, None])[:, 0]
            scores = np.diag(own) - crossed @ sums(residuals[:, None] * basis).T
            slopes = scores.sum(axis=0) / norms.sum()
            return slopes, (scores - norms[:, None] * slopes) / norms.sum()

        return cls._drawn(parts(outcome), parts(column), seed)

    @classmethod
    def of_panel(
        cls, panel: Panel, estimate: Callable[[Panel], Effects], seed: int = 0, *, adjusted: bool = True
    ) -> WildBootstrap:
        """Prepare the overall effect of any estimator linear in the outcome.

        The null model is territory and period effects with a constant effect, and covariates by period where the estimator is `adjusted` so.
        """
        groups = np.unique(panel.clusters, return_inverse=True)[1]
        size = int(groups.max()) + 1

        def parts(values: Matrix) -> tuple[Vector, Matrix]:
            rest = two_way_residuals(panel, values, adjusted=adjusted)
            slopes, scores = np.empty(size), np.empty((size, size))
            for g in range(size):
                effects = estimate(panel.holding(np.where(groups[:, None] == g, rest, 0.0)))
                slopes[g] = effects.overall
                scores[:, g] = cluster_sums(effects.overall_influence[:, None], panel.clusters)[:, 0]
            return slopes, scores

        dose = (
            np.where(panel.times[None, :] >= panel.first[:, None], 1.0, 0.0) if panel.status is None else panel.status
        )
        return cls._drawn(parts(panel.outcome), parts(dose), seed)

    @classmethod
    def _drawn(cls, outcome: tuple[Vector, Matrix], unit: tuple[Vector, Matrix], seed: int) -> WildBootstrap:
        draws = signs(len(outcome[0]), seed)
        one, two = draws @ outcome[1].T, draws @ unit[1].T
        squares = np.column_stack([(one**2).sum(axis=1), (one * two).sum(axis=1), (two**2).sum(axis=1)])
        return cls(np.column_stack([draws @ outcome[0], draws @ unit[0]]), squares)

    def statistics(self, null: float = 0.0) -> Vector:
        """Return the t-statistic of every draw under the null; the first draw is the observed one."""
        slopes = self.found @ np.array([1.0, -null])
        error = np.sqrt(np.maximum(self.squares @ np.array([1.0, -2 * null, null**2]), 0.0))
        return np.asarray(slopes / np.where(error > 0, error, np.inf))

    def p_value(self, null: float = 0.0, *, ties: bool = True) -> float:
        """Return the share of draws at least as extreme as what was observed, itself and its mirror among them.

        `ties=False` counts strictly larger draws only, as `boottest` and its kin do; with few clusters that rejects too often.
        """
        found = np.abs(self.statistics(null))
        if ties:
            return float((found >= found[0] * (1 - TIE)).mean())
        return max(float((found > found[0] * (1 + TIE)).mean()), 2 / len(found))

    def interval(self, value: float, se: float, level: float) -> tuple[float, float]:
        """Return the null values that are not rejected (infinite where the test rejects none on that side)."""
        return self._end(value, -se, 1 - level), self._end(value, se, 1 - level)

    def _end(self, value: float, step: float, alpha: float) -> float:
        inside, reach = value, 1.0
        while self.p_value(value + reach * step) > alpha + 1e-12:
            inside, reach = value + reach * step, 2 * reach
            if reach > 2**20:
                return float(np.inf * np.sign(step))
        outside = value + reach * step
        for _ in range(60):
            middle = (inside + outside) / 2
            if self.p_value(middle) > alpha + 1e-12:
                inside = middle
            else:
                outside = middle
        return float(inside)
