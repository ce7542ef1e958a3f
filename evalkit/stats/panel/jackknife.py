"""Few clusters: the spread of the estimates without each cluster in turn, cohort by cohort, and its degrees of freedom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._laws import t_p, two_sided_t
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.inference import whole_clusters

GROUPS = 50
DESIGN_RUNS = 200
Estimator = Callable[[Panel], Vector]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Jackknife:
    """Covariance and degrees of freedom of several effects (NaN where one of them cannot be estimated without some cluster).

    `resting_on` names a cluster without which the last of the effects, the overall one, does not exist.
    """

    covariance: Matrix
    df: Vector
    level: float
    resting_on: str | None = None

    def limits(self, i: int, value: float) -> tuple[float, float, float] | None:
        """Return lower and upper limit and p-value of an effect, or None where they cannot be told."""
        variance, df = float(self.covariance[i, i]), float(self.df[i])
        if not np.isfinite(variance) or not np.isfinite(df):
            return None
        se = float(np.sqrt(variance))
        if se <= 1e-12 * abs(value):
            return value, value, float(value == 0)
        half = two_sided_t(self.level, df) * se
        return value - half, value + half, t_p(value / se, df)


def jackknife(panel: Panel, estimate: Estimator, level: float) -> Jackknife:
    """Leave out every cluster in turn (every fiftieth of a cohort with more than 50 clusters).

    `estimate` returns the effects, those that cannot be estimated as NaN. Clusters form strata by their first date of treatment, so that
    the variance is unbiased for differences of means: `Σ_h (n_h − 1)/n_h Σ_{g ∈ h} (θ₍₋g₎ − θ)²`.

    Source: Wolter (2007) Introduction to Variance Estimation § 4.5; Hansen (2025) JBES on degrees of freedom; Bell & McCaffrey (2002).
    """
    names, index = np.unique(panel.clusters, return_inverse=True)
    strata = cluster_strata(panel.first, index.astype(np.int64), len(names))
    groups = _groups(strata)
    whole = estimate(panel)
    moved: Matrix = np.full((int(groups.max()) + 1, len(whole)), np.nan)
    resting_on = None
    for g in range(len(moved)):
        gone = groups[index] == g
        try:
            moved[g] = estimate(panel.without(gone)) - whole
        except StatsError:
            resting_on = resting_on or str(panel.units[gone][0])
            continue
        if np.isnan(moved[g, -1]):
            resting_on = resting_on or str(panel.units[gone][0])
    stratum = np.array([strata[np.flatnonzero(groups == g)[0]] for g in range(len(moved))])
    size = np.bincount(stratum)
    scale = np.sqrt((size - 1) / np.maximum(size, 1))[stratum]
    scaled = moved * scale[:, None]
    df = np.full(len(whole), np.nan)
    if whole_clusters(panel):
        df = _design_df(panel, estimate, strata[index], (index, groups), stratum)
    observed = _welch(scaled, stratum, size)
    df = np.where(np.isfinite(df), df, observed)
    return Jackknife(scaled.T @ scaled, np.clip(df, 1.0, max(1, len(moved) - 1)), level, resting_on)


def cluster_strata(first: Vector, cluster: Index, count: int) -> Index:
    """Return the stratum of each cluster: its first date of treatment; a treated one alone of its date joins the nearest date."""
    dates = np.full(count, np.inf)
    np.minimum.at(dates, cluster, first)
    levels, stratum, size = np.unique(dates, return_inverse=True, return_counts=True)
    treated = np.flatnonzero(np.isfinite(levels))
    found = stratum.astype(np.int64)
    for h in treated[size[treated] < 2]:
        others = treated[treated != h]
        if len(others):
            near = others[np.abs(levels[others] - levels[h]).argmin()]
            mine, theirs = found[stratum == h][0], found[stratum == near][0]
            found[found == mine] = theirs
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def _groups(strata: Index) -> Index:
    """Return the group that is left out together: one cluster, or a part of a stratum of many."""
    found, start = np.empty(len(strata), dtype=np.int64), 0
    for h in np.unique(strata):
        mine = np.flatnonzero(strata == h)
        for part in np.array_split(mine, min(GROUPS, len(mine))):
            found[part] = start
            start += 1
    return found


def _welch(scaled: Matrix, stratum: Index, size: Index) -> Vector:
    """Return the degrees of freedom from what each stratum was seen to add to the variance (Welch and Satterthwaite)."""
    parts = np.array([(scaled[stratum == h] ** 2).sum(axis=0) for h in range(len(size))])
    return _satterthwaite(parts, np.maximum(size - 1.0, 1.0))


def _satterthwaite(parts: Matrix, free: Vector) -> Vector:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(parts.sum(axis=0) ** 2 / (parts**2 / free[:, None]).sum(axis=0))


def _design_df(
    panel: Panel, estimate: Estimator, unit_stratum: Index, parts: tuple[Index, Index], stratum: Index
) -> Vector:
    """Return the degrees of freedom when all territories vary alike: what each stratum adds follows from its weight in the effects.

    The effects are linear in the outcome: their weights on a stratum in a period are the effects on the indicator of both. `parts` are the
    cluster of each territory and the group of each cluster.
    """
    strata, periods = int(stratum.max()) + 1, len(panel.times)
    if strata * periods > DESIGN_RUNS:
        return np.array([np.nan])
    cluster, group = parts
    added, free = [], []
    for h in range(strata):
        inside = unit_stratum == h
        marks = (np.where(inside[:, None] & (np.arange(periods) == t), 1.0, 0.0) for t in range(periods))
        pull = np.sum([estimate(panel.holding(mark)) ** 2 for mark in marks], axis=0)
        load = np.bincount(cluster[inside], panel.unit_weights[inside], len(group))
        load = load / load.sum()
        together = np.bincount(group, load, len(stratum))[stratum == h]
        added.append(pull * (load**2).sum())
        free.append(max(0.5, (together**2).sum() ** 2 / (together**4).sum() - 1))
    return _satterthwaite(np.array(added), np.array(free))
