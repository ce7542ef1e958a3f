"""Who stands for whom in a matching: each treated unit and its nearest comparison units, ties together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

DIGITS = 10
TIED = 1e-9
NEIGHBOURS = 3


@dataclass(frozen=True)
class Links:
    """`rows`: weight of each cell of like comparison units (columns) for each treated unit; `cell` of each comparison unit."""

    rows: csr_matrix
    cell: NDArray[np.intp]

    @property
    def counts(self) -> Vector:
        """How many comparison units each cell has."""
        return np.bincount(self.cell, minlength=self.rows.shape[1]).astype(np.float64)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which treated units have an equivalent."""
        return np.asarray(self.rows.sum(axis=1)).ravel() > 0

    def means(self, values: Matrix) -> Matrix:
        """Return, for each treated unit, the mean over its comparison units."""
        sums = np.zeros((self.rows.shape[1], values.shape[1]))
        np.add.at(sums, self.cell, values)
        return np.asarray(self.rows @ (sums / self.counts[:, None]))

    def loads(self, values: Matrix) -> Matrix:
        """Return, for each comparison unit, the sum over the treated units of its weight times their values."""
        return np.asarray((self.rows.T @ values) / self.counts[:, None])[self.cell]

    def squares(self) -> Vector:
        """Return, for each comparison unit, the sum of its squared weights."""
        return np.asarray((self.rows.power(2).sum(axis=0).A1 / self.counts**2)[self.cell], dtype=np.float64)


def paired(pairs: list[tuple[int, int]], treated: int, others: int) -> Links:
    """Return the links of one-to-one pairs."""
    from scipy.sparse import csr_matrix

    first, second = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return Links(csr_matrix((np.ones(len(first)), (first, second)), shape=(treated, others)), np.arange(others))


def nearest(own: Matrix, others: Matrix, widest: float | None) -> Links:
    """Return the links of every treated unit to the nearest comparison units, all those as near, none beyond `widest`."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    points, cell = np.unique(np.round(others, DIGITS), axis=0, return_inverse=True)
    counts = np.bincount(cell.ravel()).astype(np.float64)
    tree, rounded = cKDTree(points), np.round(own, DIGITS)
    gaps = tree.query(rounded)[0]
    near = tree.query_ball_point(rounded, gaps * (1 + TIED) + TIED)
    kept = np.ones(len(own), dtype=bool) if widest is None else gaps <= widest * (1 + TIED)
    sizes = [len(some) if keep else 0 for some, keep in zip(near, kept, strict=True)]
    columns = np.array([j for some, keep in zip(near, kept, strict=True) if keep for j in sorted(some)], dtype=np.intp)
    at = np.repeat(np.arange(len(own)), sizes)
    totals = np.bincount(at, weights=counts[columns], minlength=len(own))
    shares = counts[columns] / totals[at]
    return Links(csr_matrix((shares, (at, columns)), shape=(len(own), len(points))), cell.ravel())


def whitened(covariates: Matrix) -> Matrix:
    """Return the covariates with unit variances and no correlation: plain distances among them are Mahalanobis's."""
    centred = covariates - covariates.mean(axis=0)
    spread = centred.std(axis=0)
    if (spread == 0).any():
        raise StatsError.of(codes.COLLINEAR)
    scaled = centred / spread
    values, vectors = np.linalg.eigh(scaled.T @ scaled / (len(scaled) - 1))
    if values[0] < 1e-10:
        raise StatsError.of(codes.COLLINEAR)
    return np.asarray(scaled @ (vectors / np.sqrt(values)) @ vectors.T)


def local_variances(points: Matrix, values: Vector) -> Vector:
    """Return the variance of the values around each point, from its three nearest others (all those as near).

    Source: Abadie & Imbens (2006) Econometrica 74, § 4.
    """
    from scipy.spatial import cKDTree

    places, cell = np.unique(np.round(points, DIGITS), axis=0, return_inverse=True)
    cell = cell.ravel()
    counts = np.bincount(cell).astype(np.float64)
    sums = np.bincount(cell, weights=values)
    wanted = min(NEIGHBOURS, len(values) - 1)
    tree = cKDTree(places)
    gaps, which = (np.atleast_2d(found) for found in tree.query(places, k=min(wanted + 1, len(places))))
    gaps, which = gaps.reshape(len(places), -1), which.reshape(len(places), -1)
    reached = (counts[which].cumsum(axis=1) - 1 >= wanted).argmax(axis=1)
    radius = gaps[np.arange(len(places)), reached]
    near = tree.query_ball_point(places, radius * (1 + TIED) + TIED)
    total = np.array([sums[some].sum() for some in near])[cell]
    others = np.array([counts[some].sum() for some in near])[cell] - 1
    return np.asarray(others / (others + 1) * (values - (total - values) / others) ** 2)
