"""Inference with few clusters: every sign of every cluster tried (up to 12), or drawn with a seed beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector

ENUMERATED = 12
DRAWS = 9999


def signs(clusters: int, seed: int) -> Matrix:
    """Return the Rademacher signs, one row per draw: all of them up to 12 clusters; beyond, the observed one and 9,999 seeded draws."""
    if clusters <= ENUMERATED:
        bits = (np.arange(2**clusters)[:, None] >> np.arange(clusters)[None, :]) & 1
        return np.asarray(1.0 - 2.0 * bits)
    drawn = np.random.default_rng(seed).integers(0, 2, size=(DRAWS, clusters))
    return np.vstack([np.ones((1, clusters)), 1.0 - 2.0 * drawn])


@dataclass(frozen=True)
class WildBootstrap:
    """Restricted wild cluster bootstrap of one coefficient, the other columns (`basis`, orthonormal) taken out.

    Only sums over clusters are kept, so that a null value costs one product of small matrices.
    Source: Cameron, Gelbach & Miller (2008); Roodman, MacKinnon, Nielsen & Webb (2019).
    """

    outcome: Matrix
    column: Matrix
    norms: Vector
    draws: Matrix

    @classmethod
    def of(
        cls, column: Vector, outcome: Vector, basis: Matrix, clusters: NDArray[np.int64], seed: int = 0
    ) -> WildBootstrap:
        """Prepare the sums; `column` and `outcome` are already free of the basis, `clusters` are 0 to G − 1."""
        size = int(clusters.max()) + 1

        def sums(values: Matrix) -> Matrix:
            total = np.zeros((size, values.shape[1]))
            np.add.at(total, clusters, values)
            return total

        crossed = sums(column[:, None] * basis)

        def spread(residuals: Vector) -> Matrix:
            own = sums((column * residuals)[:, None])[:, 0]
            return np.asarray(np.diag(own) - crossed @ sums(residuals[:, None] * basis).T)

        norms = sums((column**2)[:, None])[:, 0]
        return cls(spread(outcome), spread(column), norms, signs(size, seed))

    def statistics(self, null: float = 0.0) -> Vector:
        """Return the t-statistic of every draw under the null; the first draw is the observed one."""
        spread = self.outcome - null * self.column
        scores = self.draws @ spread.T
        slopes = scores.sum(axis=1) / self.norms.sum()
        rest = scores - slopes[:, None] * self.norms[None, :]
        error = np.sqrt((rest**2).sum(axis=1))
        return np.asarray(slopes * self.norms.sum() / np.where(error > 0, error, np.inf))

    def p_value(self, null: float = 0.0) -> float:
        """Return the share of draws more extreme than what was observed, never below that of the observed signs and their mirror."""
        found = np.abs(self.statistics(null))
        return max(float((found > found[0] * (1 + 1e-10)).mean()), 2 / len(found))

    def interval(self, value: float, se: float, level: float) -> tuple[float, float]:
        """Return the null values that are not rejected (infinite where the test rejects none on that side)."""
        return self._end(value, -se, 1 - level), self._end(value, se, 1 - level)

    def _end(self, value: float, step: float, alpha: float) -> float:
        inside, reach = value, 1.0
        while self.p_value(value + reach * step) > alpha:
            inside, reach = value + reach * step, 2 * reach
            if reach > 2**20:
                return float(np.inf * np.sign(step))
        outside = value + reach * step
        for _ in range(60):
            middle = (inside + outside) / 2
            if self.p_value(middle) > alpha:
                inside = middle
            else:
                outside = middle
        return float(inside)
