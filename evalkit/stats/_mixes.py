"""Mixes of donors, and what the donors say when each takes its turn: done once for all territories treated at one date."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._placebo import critical, needed_placebos, rank
from evalkit.stats._ridge import cross_validated, mended_weights
from evalkit.stats._simplex import convex_weights

WORST_FIT = 5.0
SMALL_WEIGHT = 1e-8
PERFECT = 1e-16
ROUNDING = 1e-13
FEWEST_EARLIER = 4


@dataclass(frozen=True)
class Pool:
    """The donors of one date of treatment (one row each), their extra predictors, which periods are before.

    `augmented`: the misfit before is mended by a ridge regression, of the `penalty` given or of one found by cross-validation.
    """

    times: Vector
    before: NDArray[np.bool_]
    donors: Matrix
    extra: Matrix
    augmented: bool = False
    penalty: float | None = None

    def fit(self, target: Vector, extra: Vector, without: int | None = None) -> tuple[Vector, Vector]:
        """Return the weights (zero for the donor left out) and the gap of every period."""
        kept = np.ones(len(self.donors), dtype=bool)
        if without is not None:
            kept[without] = False
        rows, goal = self.donors[kept][:, self.before].T, target[self.before]
        if len(extra):
            spread = rows.std() or 1.0
            scale = self.extra[kept].std(axis=0)
            scale = np.where(scale > 0, scale, 1.0) / spread
            rows = np.vstack([rows, (self.extra[kept] / scale).T])
            goal = np.r_[goal, extra / scale]
        weights = np.zeros(len(self.donors))
        weights[kept] = convex_weights(rows, goal)
        if self.augmented:
            penalty = cross_validated(rows, goal) if self.penalty is None else self.penalty
            weights[kept] = mended_weights(rows, goal, weights[kept], penalty)
        gap = target - weights @ self.donors
        dust = ROUNDING * max(float(np.abs(target).max()), self.highest)
        return weights, np.where(np.abs(gap) <= dust, 0.0, gap)

    @cached_property
    def highest(self) -> float:
        """The largest outcome of the donors, without its sign: gaps are rounded against it."""
        return float(np.abs(self.donors).max())

    @cached_property
    def placebos(self) -> Matrix:
        """The gaps of every donor against the others."""
        return np.stack([self.fit(self.donors[j], self.extra[j], j)[1] for j in range(len(self.donors))])

    @cached_property
    def ratios(self) -> Vector:
        """The ratio of every donor."""
        return np.array([self.ratio(gap) for gap in self.placebos])

    @cached_property
    def usual_fit(self) -> float:
        """The median, over the donors, of the mean squared gap before."""
        return float(np.median((self.placebos[:, self.before] ** 2).mean(axis=1)))

    @cached_property
    def least(self) -> float:
        """The mean squared gap before under which a fit counts as perfect: rounding, against the spread of the donors."""
        return PERFECT * float(self.donors[:, self.before].var()) or 1e-300

    @cached_property
    def earlier(self) -> Pool | None:
        """The donors with an invented start halfway through the periods before, None where these are too few."""
        years = self.times[self.before]
        if len(years) < FEWEST_EARLIER:
            return None
        early = years < years[len(years) // 2]
        return Pool(years, early, self.donors[:, self.before], self.extra[:, :0], self.augmented, self.penalty)

    @cached_property
    def mean_ratios(self) -> Vector:
        """The squared mean gap after over the mean squared gap before, of every donor."""
        return np.array([self.mean_ratio(gap) for gap in self.placebos])

    def unreached(self, ratios: Vector) -> float:
        """Return the least ratio of a donor that the others follow perfectly, infinity where there is none."""
        perfect = (self.placebos[:, self.before] ** 2).mean(axis=1) <= self.least
        return float(ratios[perfect].min(initial=np.inf))

    @property
    def start(self) -> float:
        """The first period that is not before."""
        return float(self.times[~self.before][0])

    def early(self, gap: Vector) -> float:
        """Return the mean squared gap before, that of a perfect fit at the least."""
        return max(float((gap[self.before] ** 2).mean()), self.least)

    def ratio(self, gap: Vector) -> float:
        """Return the mean squared gap after over that before."""
        return float((gap[~self.before] ** 2).mean()) / self.early(gap)

    def mean_ratio(self, gap: Vector) -> float:
        """Return the squared mean gap after over the mean squared gap before."""
        return float(gap[~self.before].mean() ** 2) / self.early(gap)


@dataclass(frozen=True)
class Limits:
    """An interval, and what it holds: all `constant` effects, or where there are none the `mean` effect; else why it is missing."""

    lower: float | None
    upper: float | None
    kind: str


@dataclass(frozen=True)
class Mix:
    """One territory against its mix: what synthetic control says of it."""

    pool: Pool
    weights: Vector
    gap: Vector
    without: tuple[tuple[int, float], ...]
    earlier: tuple[float, float] | None

    @property
    def effect(self) -> float:
        """The mean gap from the start on."""
        return float(self.gap[~self.pool.before].mean())

    @property
    def rmspe(self) -> float:
        """Root of the mean squared gap before."""
        return float(np.sqrt((self.gap[self.pool.before] ** 2).mean()))

    @property
    def ratio(self) -> float:
        """The mean squared gap after over that before."""
        return self.pool.ratio(self.gap)

    @property
    def p_value(self) -> float:
        """The rank of the ratio among those of the donors."""
        return rank(self.ratio, self.pool.ratios)

    @property
    def fits(self) -> bool:
        """Say whether the mix follows the territory before about as well as it follows the others."""
        return bool(self.rmspe**2 <= WORST_FIT * max(self.pool.usual_fit, self.pool.least))

    @property
    def keeps_direction(self) -> bool:
        """Say whether the gap keeps its sign whichever donor is left out."""
        return all(value * self.effect > 0 for _, value in self.without)

    def limits(self, level: float) -> Limits:
        """Return the constant effects whose ratio is not among the largest: a quadratic in the effect.

        Where every constant effect is rejected, those of the mean: that of the squared mean gap. None with too few donors (`few`), or
        where so many are followed perfectly that no ratio can stand out (`perfect`).
        """
        pool = self.pool
        if len(pool.ratios) < needed_placebos(level):
            return Limits(None, None, "few")
        early, after = pool.early(self.gap), self.gap[~pool.before]
        limit = critical(pool.ratios, level)
        room, kind = limit * early - float(after.var()), "constant"
        if room < 0:
            limit = critical(pool.mean_ratios, level)
            room, kind = limit * early, "mean"
        if limit >= pool.unreached(pool.ratios if kind == "constant" else pool.mean_ratios):
            return Limits(None, None, "perfect")
        return Limits(self.effect - math.sqrt(room), self.effect + math.sqrt(room), kind)


def mixed(pool: Pool, target: Vector, extra: Vector) -> Mix:
    """Return the mix of a territory, with each of its donors left out in turn and with an invented earlier start."""
    weights, gap = pool.fit(target, extra)
    without = [
        (int(j), float(pool.fit(target, extra, int(j))[1][~pool.before].mean()))
        for j in np.flatnonzero(np.abs(weights) > SMALL_WEIGHT)
    ]
    past = pool.earlier
    if past is None:
        return Mix(pool, weights, gap, tuple(without), None)
    early = past.fit(target[pool.before], extra[:0])[1]
    return Mix(
        pool, weights, gap, tuple(without),
        (float(early[~past.before].mean()), rank(past.ratio(early), past.ratios)),
    )  # fmt: skip
