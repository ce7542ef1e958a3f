"""Effects of each cohort in each period, and the ways to sum them up, each with its influence function."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, choice
from evalkit.text import Quantity, msg

AGGREGATIONS = ("calendar", "dynamic", "group", "simple")


@dataclass(frozen=True)
class Cells:
    """Effects by cohort and period. `influence` has one row per territory; its variance is `Σ IF² / n²`.

    `share` is the weight of a cell in a sum over cells; `share_influence` is the influence of estimating it (zero when the
    weights are taken as given). `units` counts the territories behind a cell.
    """

    cohort: Vector
    time: Vector
    value: Vector
    influence: Matrix
    share: Vector
    share_influence: Matrix
    units: Vector
    last_time: float
    first_time: float

    @property
    def event_time(self) -> Vector:
        """Periods since the first treated period."""
        return self.time - self.cohort

    def mix(self, chosen: np.ndarray) -> tuple[float, Vector]:
        """Return the weighted mean of some cells and its influence, that of the weights included."""
        values, influences = self.mixes(chosen[:, None])
        return float(values[0]), influences[:, 0]

    def mixes(self, chosen: NDArray[np.bool_]) -> tuple[Vector, Matrix]:
        """Return the same for several choices of cells, one a column."""
        values, influences = np.empty(chosen.shape[1]), np.empty((len(self.influence), chosen.shape[1]))
        for i, cells in enumerate(np.flatnonzero(column) for column in chosen.T):
            total = self.share[cells].sum()
            weights = self.share[cells] / total
            values[i] = weights @ self.value[cells]
            moved = (self.value[cells] - values[i]) / total
            influences[:, i] = _combined(self.influence, cells, weights) + _combined(self.share_influence, cells, moved)
        return values, influences


def _combined(columns: Matrix, cells: NDArray[np.intp], weights: Vector) -> Vector:
    """Return the weighted sum of some columns; so few that threads of a matrix product would cost more than they give."""
    return np.asarray(np.einsum("nc,c->n", columns[:, cells], weights))


@dataclass(frozen=True)
class Effects:
    """What an estimator found: an overall effect and its terms, each with its influence function."""

    terms: tuple[str, ...]
    estimates: Vector
    influence: Matrix
    overall: float
    overall_influence: Vector
    counts: tuple[int, ...]


def aggregate(cells: Cells, aggregation: str, balance: float | None = None) -> Effects:
    """Sum the cells up over treated cells (`simple`), by cohort, by time since treatment, or by period.

    Source: Callaway & Sant'Anna (2021) § 3.
    """
    choice(aggregation, "aggregation", AGGREGATIONS)
    treated = cells.event_time >= 0
    if not treated.any():
        raise StatsError.of(
            codes.TOO_FEW, what=msg("treated periods with a comparison"), n=Quantity(0), needed=Quantity(1)
        )
    if aggregation == "simple":
        value, influence = cells.mix(treated)
        terms = tuple(f"{g:g}:{t:g}" for g, t in zip(cells.cohort, cells.time, strict=True))
        return Effects(terms, cells.value, cells.influence, value, influence, _counts(cells.units))
    if aggregation == "dynamic":
        return _dynamic(cells, balance)
    key = cells.cohort if aggregation == "group" else cells.time
    found = []
    for level in np.unique(key[treated]):
        chosen = treated & (key == level)
        if aggregation == "calendar":
            found.append((level, *cells.mix(chosen), int(cells.units[chosen].sum())))
        else:
            influence = cells.influence[:, chosen].mean(axis=1)
            found.append((level, float(cells.value[chosen].mean()), influence, int(cells.units[chosen].max())))
    values, influences = np.array([f[1] for f in found]), np.column_stack([f[2] for f in found])
    if aggregation == "calendar":
        overall, overall_influence = float(values.mean()), influences.mean(axis=1)
    else:
        overall, overall_influence = _over_cohorts(cells, treated, values, influences)
    terms = tuple(f"{f[0]:g}" for f in found)
    return Effects(terms, values, influences, overall, overall_influence, tuple(f[3] for f in found))


def _counts(units: Vector) -> tuple[int, ...]:
    return tuple(int(count) for count in units)


def _over_cohorts(cells: Cells, treated: np.ndarray, values: Vector, influences: Matrix) -> tuple[float, Vector]:
    """Weight the cohorts by their size (the share of any one of their cells that is the largest)."""
    first = [int(np.flatnonzero(treated & (cells.cohort == g))[0]) for g in np.unique(cells.cohort[treated])]
    one = replace(
        cells, cohort=cells.cohort[first], time=cells.time[first], value=values, influence=influences,
        share=cells.share[first], share_influence=cells.share_influence[:, first], units=cells.units[first],
    )  # fmt: skip
    return one.mix(np.ones(len(first), dtype=bool))


def _dynamic(cells: Cells, balance: float | None) -> Effects:
    event = cells.event_time
    chosen = np.ones(len(event), dtype=bool)
    if balance is not None:
        chosen = (cells.last_time - cells.cohort >= balance) & (event <= balance)
        chosen &= event >= balance - cells.last_time + cells.first_time
    if not (chosen & (event >= 0)).any():
        raise StatsError.of(
            codes.TOO_FEW, what=msg("cohorts seen long enough after treatment"), n=Quantity(0), needed=Quantity(1)
        )
    levels = np.unique(event[chosen])
    picked = chosen[:, None] & (event[:, None] == levels)
    values, influences = cells.mixes(picked)
    after = levels >= 0
    return Effects(
        tuple(f"{e:g}" for e in levels), values, influences, float(values[after].mean()),
        influences[:, after].mean(axis=1), _counts(cells.units @ picked),
    )  # fmt: skip
