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
from evalkit.stats._inputs import Matrix, Vector, all_positive, column, judged, need_columns
from evalkit.stats.panel.places import find_places
from evalkit.text import Quantity, msg

NAMED = 10


@dataclass(frozen=True)
class Panel:
    """Outcome of n territories over T periods (NaN where missing), when each was first treated (infinity: never), weights, clusters.

    `status` is 0 or 1 by territory and period where treatment can end.
    """

    units: NDArray[np.object_]
    times: Vector
    outcome: Matrix
    first: Vector
    weights: Matrix
    clusters: NDArray[np.int64]
    covariates: NDArray[np.float64]
    left_out: tuple[str, ...] = ()
    gaps: int = 0
    status: Matrix | None = None

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

    @property
    def baseless(self) -> list[str]:
        """The treated territories without a value in the last period before their treatment, by name."""
        at = np.searchsorted(self.times, self.first) - 1
        lost = np.isfinite(self.first) & (at >= 0) & np.isnan(self.outcome[np.arange(self.n), np.maximum(at, 0)])
        return sorted(str(unit) for unit in self.units[lost])

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
            status=None if self.status is None else self.status[chosen],
        )

    def without(self, gone: NDArray[np.bool_]) -> Panel:
        """Return the panel as if some territories had not been in the data (nor the periods that only they have)."""
        kept = self.keep(~gone)
        seen = (~np.isnan(kept.outcome)).any(axis=0)
        kept = replace(kept, left_out=self.left_out)
        if seen.all():
            return kept
        return replace(
            kept, times=kept.times[seen], outcome=kept.outcome[:, seen], weights=kept.weights[:, seen],
            covariates=kept.covariates[:, seen], status=None if kept.status is None else kept.status[:, seen],
        )  # fmt: skip

    def holding(self, outcome: Matrix) -> Panel:
        """Return the panel with another outcome, missing where its own is."""
        return replace(self, outcome=np.where(np.isnan(self.outcome), np.nan, outcome))

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
    places = find_places(frame, unit, time, _order)
    units, times = places.units, places.times
    values = places.wide(_numbers(frame[outcome]))
    load = np.ones(len(frame)) if weights is None else column(frame, weights)
    all_positive(load, weights or "weights")
    first = places.per_unit(treatment_dates(frame[first_treated], never), first_treated)
    first = np.where(first > times[-1], np.inf, first)
    group = (
        np.arange(len(units)) if cluster is None else places.per_unit(_codes(frame, cluster), cluster).astype(np.int64)
    )
    extra = (
        np.stack([places.wide(_numbers(frame[name])) for name in names], axis=2)
        if names
        else np.empty((*values.shape, 0))
    )
    values[np.isnan(extra).any(axis=2)] = np.nan
    panel = Panel(units, times, values, first, places.wide(load), group, extra, gaps=int(np.isnan(values).sum()))
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


def _codes(frame: pd.DataFrame, name: str) -> Vector:
    """Number the clusters in the order of the rows; a missing label is refused."""
    index = pd.factorize(frame[name])[0]
    missing = int((index < 0).sum())
    if missing:
        raise StatsError.of(codes.NOT_NUMBERS, name=name, n=Quantity(missing))
    return index.astype(np.float64)
