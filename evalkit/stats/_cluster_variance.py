"""Variances that allow rows of one cluster, or of neighbouring places, to depend on each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector

Groups = NDArray[np.int64]


def cluster_marks(pull: Matrix, basis: Matrix, residuals: Vector, groups: Groups, kind: str) -> Matrix:
    """Return what each cluster adds to the coefficients: `Σ s s'` is their covariance.

    Args:
        pull: one row per observation: its row of `X (X'X)⁻¹`.
        basis: an orthonormal basis of all columns of the regression.
        residuals: the residuals.
        groups: the cluster of each row, 0 to G − 1.
        kind: `CR0` and `CR1` take the residuals as they are, `CR2` multiplies those of a cluster by `(I − H)^(−1/2)`, `CR3` by `(I − H)⁻¹`.
    """
    if kind in ("CR0", "CR1"):
        total = np.zeros((int(groups.max()) + 1, pull.shape[1]))
        np.add.at(total, groups, pull * residuals[:, None])
        return total
    power = -0.5 if kind == "CR2" else -1.0
    return np.vstack([pull[rows].T @ _adjusted(basis[rows], residuals[rows], power) for rows in members(groups)])


def members(groups: Groups) -> list[NDArray[np.int64]]:
    """Return the rows of each cluster."""
    order = np.argsort(groups, kind="stable")
    return list(np.split(order, np.flatnonzero(np.diff(groups[order])) + 1))


def _adjusted(basis: Matrix, values: Matrix | Vector, power: float) -> Matrix:
    """Return `(I − B B')^power` times the values; directions that a cluster alone determines are left out (pseudo-inverse)."""
    left, sizes, _ = np.linalg.svd(basis, full_matrices=False)
    rest = np.maximum(1 - sizes**2, 0.0)
    with np.errstate(divide="ignore"):
        change = np.where(rest > 1e-10, rest**power, 0.0) - 1
    shape = change if values.ndim == 1 else change[:, None]
    return np.asarray(values + left @ (shape * (left.T @ values)))


def satterthwaite(pull: Vector, basis: Matrix, groups: Groups) -> float:
    """Return the degrees of freedom of Bell and McCaffrey for one coefficient with `CR2` (independent, equal errors)."""
    own, shared = [], []
    for rows in members(groups):
        load = _adjusted(basis[rows], pull[rows], -0.5)
        own.append(float(load @ load))
        shared.append(basis[rows].T @ load)
    marks = np.vstack(shared)
    gram = np.diag(own) - marks @ marks.T
    return float(np.trace(gram) ** 2 / (gram**2).sum())


def one_way(
    pull: Matrix, basis: Matrix, residuals: Vector, groups: Groups, kind: str, parameters: int
) -> Matrix:  # fmt: skip
    """Return the covariance of the coefficients for one way of clustering, with the factor of its kind."""
    marks = cluster_marks(pull, basis, residuals, groups, kind)
    count, rows = len(marks), len(residuals)
    factor = {
        "CR0": 1.0,
        "CR1": count / (count - 1) * (rows - 1) / max(1, rows - parameters),
        "CR2": 1.0,
        "CR3": 1.0,
    }[kind]
    return np.asarray(factor * marks.T @ marks)


def two_way_clusters(
    pull: Matrix, basis: Matrix, residuals: Vector, first: Groups, second: Groups, parameters: int
) -> Matrix:  # fmt: skip
    """Return the two-way covariance: one way, plus the other, minus both; negative parts are set to zero."""
    both = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)[1].astype(np.int64).ravel()
    parts = [one_way(pull, basis, residuals, groups, "CR1", parameters) for groups in (first, second, both)]
    total = parts[0] + parts[1] - parts[2]
    values, vectors = np.linalg.eigh(total)
    return total if values.min() >= 0 else np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)


def neighbour_covariance(pull: Matrix, residuals: Vector, position: Matrix, reach: float, kernel: str) -> Matrix:
    """Return the covariance when rows nearer than `reach` depend on each other (in blocks, so that memory stays small)."""
    marks = pull * residuals[:, None]
    total: Matrix = np.zeros((pull.shape[1], pull.shape[1]))
    for start in range(0, len(marks), 1024):
        part = position[start : start + 1024]
        away = np.sqrt(((part[:, None, :] - position[None, :, :]) ** 2).sum(axis=2))
        near = away <= reach
        weight = near.astype(float) if kernel == "uniform" else np.where(near, 1 - away / reach, 0.0)
        total += marks[start : start + 1024].T @ weight @ marks
    return total
