"""Imputation: what untreated territories and periods say the treated ones would have been (Borusyak, Jaravel and Spiess)."""

from __future__ import annotations

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats.panel.cells import Cells
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.interacted import treated_rows
from evalkit.stats.panel.regression import Observations, observations


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
    design = _design(panel, rows)
    used = design[:, (design[free] != 0).any(axis=0)]
    gram = used[free].T @ (rows.weights[free, None] * used[free])
    if np.linalg.matrix_rank(gram, hermitian=True) < len(gram):
        raise StatsError.of(codes.NOT_IDENTIFIED)
    coefficients = np.linalg.solve(gram, used[free].T @ (rows.weights[free] * rows.outcome[free]))
    rest = rows.outcome - used @ coefficients
    cohort, time = panel.first[rows.unit], panel.times[rows.time]
    pairs = np.unique(np.column_stack([cohort[reachable], time[reachable]]), axis=0)
    member = (cohort[:, None] == pairs[:, 0]) & (time[:, None] == pairs[:, 1]) & reachable[:, None]
    mass = member * rows.weights[:, None]
    shares: Matrix = mass / mass.sum(axis=0)
    values = shares.T @ rest
    pull = -np.linalg.solve(gram, used.T @ shares)
    loads = np.where(free[:, None], (used @ pull) * rows.weights[:, None], shares)
    around = np.where(free[:, None], rest[:, None], rest[:, None] - values[None, :])
    influence = np.zeros((panel.n, len(values)))
    np.add.at(influence, rows.unit, panel.n * loads * around * (free[:, None] | member))
    size: Vector = mass.sum(axis=0)
    return (
        Cells(
            pairs[:, 0], pairs[:, 1], values, influence, size / size.sum(), np.zeros_like(influence),
            float(panel.times[-1]), float(panel.times[0]),
        ),
        panel,
    )  # fmt: skip


def unreachable(panel: Panel) -> int:
    """Count the treated observations for which no untreated period or territory exists."""
    rows = observations(panel)
    treated = treated_rows(panel, rows) > 0
    known = np.isin(rows.unit, rows.unit[~treated]) & np.isin(rows.time, rows.time[~treated])
    return int((treated & ~known).sum())


def _design(panel: Panel, rows: Observations) -> Matrix:
    """Territory dummies, period dummies but the first, covariates."""
    units = (rows.unit[:, None] == np.arange(panel.n)[None, :]).astype(float)
    times = (rows.time[:, None] == np.arange(1, len(panel.times))[None, :]).astype(float)
    return np.column_stack([units, times, rows.covariates])
