"""Weights of donors and of periods for synthetic differences, for many targets at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._simplex import Problems, frank_wolfe

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Fit:
    """Effect, weights of the donors, weights of the periods before, and the noise level that set the penalty."""

    value: float
    omega: Vector
    lam: Vector
    noise: float


def noise_level(donors: Matrix, before: NDArray[np.bool_]) -> float:
    """Return the deviation of the yearly changes of the donors before."""
    return float(np.diff(donors[:, before], axis=1).std(ddof=1))


def time_weights(
    donors: Matrix, before: NDArray[np.bool_], counts: Matrix, noise: float, start: Vector | None = None
) -> Matrix:
    """Return the weights of the periods before, one row for each row of `counts` (how often each donor takes part).

    Leaving a donor out changes the sums over donors by one row: they are taken once for all.
    """
    columns = np.column_stack([donors[:, before], donors[:, ~before].mean(axis=1)])
    columns = columns - columns.mean(axis=0)
    rows, size = counts.sum(axis=1), columns.shape[1]
    crossed = (counts @ (columns[:, :, None] * columns[:, None, :]).reshape(len(donors), -1)).reshape(-1, size, size)
    means = counts @ columns
    crossed -= means[:, :, None] * means[:, None, :] / rows[:, None, None]
    last = size - 1
    problems = Problems(
        np.ascontiguousarray(crossed[:, :last, :last]), crossed[:, :last, last], np.ones((len(counts), last), dtype=bool),
        rows, rows * (1e-6 * noise) ** 2,
    )  # fmt: skip
    return frank_wolfe(problems, TOLERANCE * noise, None if start is None else np.tile(start, (len(counts), 1)))


def unit_weights(
    targets: Matrix, donors: Matrix, before: NDArray[np.bool_], allowed: NDArray[np.bool_], noise: float,
    treated: int | Vector, start: Matrix | None = None, drawn: NDArray[np.intp] | None = None,
) -> Matrix:  # fmt: skip
    """Return the weights of the donors for each target (one row over all periods); `allowed` says who may give.

    All targets share one matrix of products of donors. `treated` is how many territories each target is the mean of; `drawn` gives
    other columns of donors to each target (a bootstrap draws some twice).
    """
    early = donors[:, before] - donors[:, before].mean(axis=1, keepdims=True)
    goal = targets[:, before] - targets[:, before].mean(axis=1, keepdims=True)
    gram, cross = early @ early.T, goal @ early.T
    if drawn is not None:
        gram, cross = gram[drawn[:, :, None], drawn[:, None, :]], np.take_along_axis(cross, drawn, axis=1)
    periods = np.full(len(targets), float(before.sum()))
    penalty = periods * np.sqrt(treated * float((~before).sum())) * noise**2
    return frank_wolfe(Problems(gram, cross, allowed, periods, penalty), TOLERANCE * noise, start)


def contrasts(targets: Matrix, donors: Matrix, before: NDArray[np.bool_], omega: Matrix, lam: Matrix) -> Vector:
    """Return the effect of each target: its change against that of its mix, over its weighted periods."""
    gap = targets - omega @ donors
    return np.asarray(gap[:, ~before].mean(axis=1) - (gap[:, before] * lam).sum(axis=1))


def placebo_effects(
    donors: Matrix, before: NDArray[np.bool_], groups: list[list[int]], noise: float, near: Fit | None = None
) -> Vector:
    """Return the effect of every group of donors put in the place of the treated, against the other donors.

    `near` is a fit whose weights each begins from, as in the authors' program; equal weights otherwise.
    """
    counts = np.ones((len(groups), len(donors)))
    for row, group in zip(counts, groups, strict=True):
        row[group] = 0
    targets = np.stack([donors[group].mean(axis=0) for group in groups])
    start = None if near is None else np.tile(near.omega, (len(groups), 1))
    lam = time_weights(donors, before, counts, noise, None if near is None else near.lam)
    omega = unit_weights(targets, donors, before, counts > 0, noise, len(groups[0]), start)
    return contrasts(targets, donors, before, omega, lam)
