"""A long frame becomes a panel: territories in rows, periods in columns; what is left out is counted and named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, all_positive, column, enough, judged, labels, need_columns
from evalkit.text import Quantity, msg

NAMED = 10


@dataclass(frozen=True)
class Panel:
    """Outcome of n territories over T periods (NaN where missing), when each was first treated (infinity: never), weights, clusters."""

    units: NDArray[np.object_]
    times: Vector
    outcome: Matrix
    first: Vector
    weights: Matrix
    clusters: NDArray[np.int64]
    covariates: NDArray[np.float64]
    left_out: tuple[str, ...] = ()
    gaps: int = 0

    @property
    def n(self) -> int:
        """Number of territories."""
        return len(self.units)

    @property
    def unit_weights(self) -> Vector:
        """One weight per territory (its first known one), with mean 1."""
        known = ~np.isnan(self.weights)
        chosen = self.weights[np.arange(self.n), known.argmax(axis=1)]
        return np.asarray(chosen / chosen.mean(), dtype=np.float64)

    @property
    def cohorts(self) -> list[float]:
        """The dates of first treatment inside the window, sorted."""
        return [float(g) for g in np.unique(self.first[np.isfinite(self.first)])]

    def base(self, before: float) -> int:
        """Return the index of the last period before a date, or −1."""
        return int(np.searchsorted(self.times, before)) - 1

    def keep(self, chosen: NDArray[np.bool_]) -> Panel:
        """Return the panel of some territories only, the others named among those left out."""
        gone = tuple(sorted(str(unit) for unit in self.units[~chosen]))
        return replace(
            self,
            units=self.units[chosen],
            outcome=self.outcome[chosen],
            first=self.first[chosen],
            weights=self.weights[chosen],
            clusters=self.clusters[chosen],
            covariates=self.covariates[chosen],
            left_out=tuple(sorted({*self.left_out, *gone})),
        )

    def check(self) -> Check:
        """Say which territories could not be used and how many values are missing."""
        n = len(self.left_out)
        return judged(
            "all territories used",
            n == 0 and self.gaps == 0,
            msg("every territory is used, without any missing value"),
            msg(
                "{n} territories could not be used ({names}); {gaps} values are missing",
                n=Quantity(n),
                names=", ".join(self.left_out[:NAMED]) + ("…" if n > NAMED else "") if n else "0",
                gaps=Quantity(self.gaps),
            ),
        )


def read_panel(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    covariates: Sequence[str] | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    never: float | str | None = None,
) -> Panel:
    """Return the panel of a long frame; the frame is not changed.

    Raises:
        StatsError: a column missing, a territory twice in a period, a date of treatment or a cluster that changes in a territory.
    """
    names = tuple(covariates or ())
    need_columns(frame, outcome, unit, time, first_treated, weights, cluster, *names)
    who, when = labels(frame, unit), column(frame, time)
    keys = pd.MultiIndex.from_arrays([who, when])
    if keys.has_duplicates:
        example = keys[keys.duplicated()][0]
        raise StatsError.of(codes.REPEATED, name=f"{unit}, {time}", example=f"{example[0]}, {example[1]:g}")
    units = np.array(sorted(set(who.tolist()), key=_order), dtype=object)
    times = np.unique(when)
    enough(len(times), 2, msg("periods"))
    row = pd.Index(units).get_indexer(pd.Index(who))
    at = np.searchsorted(times, when)

    def wide(values: Vector) -> Matrix:
        grid = np.full((len(units), len(times)), np.nan)
        grid[row, at] = values
        return grid

    values = wide(_numbers(frame[outcome]))
    load = np.ones(len(frame)) if weights is None else column(frame, weights)
    all_positive(load, weights or "weights")
    first = _per_unit(treatment_dates(frame[first_treated], never), row, len(units), first_treated, units)
    first = np.where(first > times[-1], np.inf, first)
    group = (
        np.arange(len(units)) if cluster is None else _clusters(labels(frame, cluster), row, len(units), cluster, units)
    )
    extra = np.stack([wide(_numbers(frame[name])) for name in names], axis=2) if names else np.empty((*values.shape, 0))
    values[np.isnan(extra).any(axis=2)] = np.nan
    panel = Panel(units, times, values, first, wide(load), group, extra, gaps=int(np.isnan(values).sum()))
    seen = (~np.isnan(values)).any(axis=1)
    return panel if seen.all() else panel.keep(np.asarray(seen))


def _order(value: object) -> tuple[int, float, str]:
    return (0, float(value), "") if isinstance(value, (int, float)) else (1, 0.0, str(value))


def _numbers(series: pd.Series) -> Vector:
    """Numbers of a column, NaN where missing: in a panel a missing outcome is a gap that is counted."""
    found: Vector = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    broken = int((np.isnan(found) & series.notna().to_numpy()).sum()) + int(np.isinf(found).sum())
    if broken:
        raise StatsError.of(codes.NOT_NUMBERS, name=series.name, n=Quantity(broken))
    return found


def treatment_dates(series: pd.Series, never: float | str | None) -> Vector:
    """Dates of first treatment, infinity for never: missing, infinite, or the stated code."""
    kept = series if never is None else series.mask(series.astype(str) == str(never)).mask(series == never)
    found: Vector = pd.to_numeric(kept, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    broken = int((np.isnan(found) & kept.notna().to_numpy()).sum())
    if broken:
        raise StatsError.of(codes.NOT_NUMBERS, name=series.name, n=Quantity(broken))
    return np.where(np.isnan(found), np.inf, found)


def _per_unit(values: Vector, row: NDArray[np.int64], n: int, name: str, units: NDArray[np.object_]) -> Vector:
    found = np.empty(n)
    found[row] = values
    changing = found[row] != values
    if changing.any():
        raise StatsError.of(codes.REPEATED, name=name, example=str(units[row[changing][0]]))
    return found


def _clusters(
    names: NDArray[np.object_], row: NDArray[np.int64], n: int, name: str, units: NDArray[np.object_]
) -> NDArray[np.int64]:
    numbers = pd.factorize(pd.Series(names), sort=False)[0].astype(np.float64)
    return _per_unit(numbers, row, n, name, units).astype(np.int64)
