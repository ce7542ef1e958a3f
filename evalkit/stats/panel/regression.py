"""Least squares with territory and period effects taken out, and the influence of each territory on the coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats.panel.data import Panel

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Observations:
    """The observed cells of a panel as rows, sorted by territory."""

    unit: Index
    time: Index
    outcome: Vector
    weights: Vector
    covariates: Matrix

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.outcome)


def observations(panel: Panel) -> Observations:
    """Return the rows of a panel that have an outcome."""
    unit, time = np.nonzero(~np.isnan(panel.outcome))
    return Observations(unit, time, panel.outcome[unit, time], panel.weights[unit, time], panel.covariates[unit, time])


def unit_sums(columns: Matrix, unit: Index, n: int) -> Matrix:
    """Return the sum of each column over the rows of each of n territories (rows sorted by territory)."""
    starts = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]])
    total = np.zeros((n, columns.shape[1]))
    total[unit[starts]] = np.add.reduceat(columns, starts, axis=0)
    return total


def demean(columns: Matrix, unit: Index, weights: Vector) -> Matrix:
    """Take the weighted mean of each territory out of each column (rows sorted by territory)."""
    starts = np.flatnonzero(np.r_[True, unit[1:] != unit[:-1]])
    sums = np.add.reduceat(columns * weights[:, None], starts, axis=0)
    means = sums / np.add.reduceat(weights, starts)[:, None]
    sizes = np.diff(np.r_[starts, len(unit)])
    return np.asarray(columns - np.repeat(means, sizes, axis=0))


def orthonormal(columns: Matrix) -> Matrix:
    """Return an orthonormal basis of the space of the columns, whatever their rank."""
    if columns.shape[1] == 0:
        return columns
    left, values, _ = np.linalg.svd(columns, full_matrices=False)
    kept = values > 1e-10 * max(float(values[0]), 1e-300)
    return np.asarray(left[:, kept])


@dataclass(frozen=True)
class Regression:
    """Coefficients of the columns of interest, everything else taken out; rows are scaled by the root of their weight."""

    coefficients: Vector
    columns: Matrix
    residuals: Vector
    basis: Matrix
    bread: Matrix
    unit: Index
    parameters: int

    def influence(self, n: int) -> Matrix:
        """Return the influence of each of n territories: the variance of a coefficient is `Σ IF² / n²`."""
        scores = unit_sums(self.columns * self.residuals[:, None], self.unit, n)
        return np.asarray(n * scores @ self.bread)

    def factor(self, clusters: int) -> float:
        """Return the small-sample factor `G/(G−1) (N−1)/(N−K)`; territory effects nested in clusters are not counted in K."""
        rows = len(self.residuals)
        return clusters / (clusters - 1) * (rows - 1) / max(1, rows - self.parameters)


def two_way(rows: Observations, columns: Matrix, periods: int, covariates: Matrix | None = None) -> Regression:
    """Regress the outcome on the columns with territory and period effects, and covariates where given.

    Raises:
        StatsError: columns that the effects or each other explain fully.
    """
    dummies = (rows.time[:, None] == np.arange(1, periods)[None, :]).astype(float)
    extra = rows.covariates if covariates is None else covariates
    root = np.sqrt(rows.weights)[:, None]
    taken = demean(np.column_stack([dummies, extra]), rows.unit, rows.weights) * root
    basis = orthonormal(_scaled(taken))
    wanted = demean(np.column_stack([columns, rows.outcome]), rows.unit, rows.weights) * root
    rest = wanted - basis @ (basis.T @ wanted)
    wanted_columns, outcome = rest[:, :-1], rest[:, -1]
    size = np.sqrt((wanted[:, :-1] ** 2).sum(axis=0))
    gram = wanted_columns.T @ wanted_columns
    scale = np.where(size > 0, size, 1.0)
    if (size == 0).any() or np.linalg.matrix_rank(gram / np.outer(scale, scale), tol=1e-9, hermitian=True) < len(gram):
        raise StatsError.of(codes.NOT_IDENTIFIED)
    bread = np.asarray(np.linalg.inv(gram), dtype=np.float64)
    coefficients = bread @ (wanted_columns.T @ outcome)
    residuals = outcome - wanted_columns @ coefficients
    return Regression(coefficients, wanted_columns, residuals, basis, bread, rows.unit, len(gram) + basis.shape[1] + 1)


def _scaled(columns: Matrix) -> Matrix:
    size = np.sqrt((columns**2).sum(axis=0))
    return np.asarray(columns[:, size > 0] / size[size > 0])


def two_way_residuals(panel: Panel, values: Matrix, *, adjusted: bool = True) -> Matrix:
    """Return what is left of values by territory and period once both are taken out (and the covariates, where `adjusted`).

    It is zero where the outcome is missing.
    """
    rows = observations(panel)
    extra = rows.covariates if adjusted else rows.covariates[:, :0]
    dummies = (rows.time[:, None] == np.arange(1, len(panel.times))[None, :]).astype(float)
    root = np.sqrt(rows.weights)[:, None]
    basis = orthonormal(_scaled(demean(np.column_stack([dummies, extra]), rows.unit, rows.weights) * root))
    wanted = demean(values[rows.unit, rows.time][:, None], rows.unit, rows.weights) * root
    found = np.zeros(values.shape)
    found[rows.unit, rows.time] = ((wanted - basis @ (basis.T @ wanted)) / root)[:, 0]
    return found
