"""Imputation: what untreated territories and periods say the treated ones would have been (Borusyak, Jaravel and Spiess)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats.panel.cells import Cells
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.interacted import treated_rows
from evalkit.stats.panel.regression import Observations, Regression, observations, two_way, unit_sums


def imputed_effects(panel: Panel) -> tuple[Cells, Panel]:
    """Return the mean imputed effect of each cohort in each period.

    The influence is the conservative one of the authors: treated residuals are taken around the mean of their cohort and period.
    """
    if (panel.first <= panel.times[0]).any():
        panel = panel.keep(panel.first > panel.times[0])
    rows = observations(panel)
    treated = treated_rows(panel, rows) > 0
    free = ~treated
    reachable = treated & np.isin(rows.unit, rows.unit[free]) & np.isin(rows.time, rows.time[free])
    if not reachable.any():
        raise StatsError.of(codes.NO_NEVER)
    parts, values, influence, size, units = _imputed(panel, rows, free, reachable)
    return (
        Cells(
            parts[:, 0], parts[:, 1], values, influence, size / size.sum(), np.zeros_like(influence), units,
            float(panel.times[-1]), float(panel.times[0]),
        ),
        panel,
    )  # fmt: skip


def _imputed(
    panel: Panel, rows: Observations, free: NDArray[np.bool_], reachable: NDArray[np.bool_]
) -> tuple[Matrix, Vector, Matrix, Vector, Vector]:
    """Return the cells (cohort, period), their mean effects, the influence of each territory on them, their weights, their territories.

    Territory effects are taken out by the mean of the untreated rows, so that only period effects and covariates are solved for.
    """
    n, load = panel.n, np.where(free, rows.weights, 0.0)
    mass = unit_sums(load[:, None], rows.unit, n)
    small = _periods_and_covariates(panel, rows)
    small = small[:, (small[free] != 0).any(axis=0)]
    both = np.column_stack([small, rows.outcome])
    means = unit_sums(both * load[:, None], rows.unit, n) / np.where(mass > 0, mass, 1.0)
    away = both - means[rows.unit]
    near, outcome = away[:, :-1], away[:, -1]
    gram = near[free].T @ (load[free, None] * near[free])
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any() or np.linalg.matrix_rank(gram / np.outer(scale, scale), tol=1e-9, hermitian=True) < len(gram):
        raise StatsError.of(codes.NOT_IDENTIFIED)
    bread = np.linalg.inv(gram)
    rest = outcome - near @ (bread @ (near[free].T @ (load[free] * outcome[free])))
    known = np.flatnonzero(reachable)
    pairs, cell = np.unique(
        np.column_stack([panel.first[rows.unit], panel.times[rows.time]])[known], axis=0, return_inverse=True
    )
    weight = rows.weights[known]
    size: Vector = np.bincount(cell, weight).astype(np.float64)
    share = weight / size[cell]
    values: Vector = np.bincount(cell, share * rest[known]).astype(np.float64)
    pull = np.column_stack([np.bincount(cell, share * near[known, c], len(size)) for c in range(near.shape[1])])
    influence: Matrix = np.zeros((n, len(size)))
    influence -= unit_sums(near * (load * rest)[:, None], rows.unit, n) @ bread @ pull.T
    np.add.at(influence, (rows.unit[known], cell), share * (rest[known] - values[cell]))
    return pairs, values, n * influence, size, np.bincount(cell).astype(np.float64)


def unreachable(panel: Panel) -> int:
    """Count the treated observations for which no untreated period or territory exists."""
    rows = observations(panel)
    treated = treated_rows(panel, rows) > 0
    known = np.isin(rows.unit, rows.unit[~treated]) & np.isin(rows.time, rows.time[~treated])
    return int((treated & ~known).sum())


def _periods_and_covariates(panel: Panel, rows: Observations) -> Matrix:
    """Return period dummies but the first, and the covariates."""
    times = (rows.time[:, None] == np.arange(1, len(panel.times))[None, :]).astype(float)
    return np.column_stack([times, rows.covariates])


def untreated_leads(panel: Panel) -> tuple[Vector, Vector, Regression] | None:
    """Regress untreated values on the time left to treatment: the pre-trend test of the authors, apart from the effects.

    The earliest time is the reference. None where fewer than two periods come before treatment.
    """
    rows = observations(panel)
    event = panel.times[rows.time] - panel.first[rows.unit]
    free = event < 0
    part = Observations(rows.unit[free], rows.time[free], rows.outcome[free], rows.weights[free], rows.covariates[free])
    levels = np.unique(event[free & np.isfinite(event)])
    if len(levels) < 2:
        return None
    columns = (event[free][:, None] == levels[None, 1:]).astype(float)
    return levels[1:], levels[1:] - levels[0], two_way(part, columns, len(panel.times))
