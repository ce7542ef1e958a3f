"""Regressions on the date of treatment: two-way fixed effects, its event study, and Sun and Abraham's interactions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Vector
from evalkit.stats.panel.cells import Cells, Effects
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.regression import Observations, Regression, observations, two_way
from evalkit.text import Quantity, msg


def treated_rows(panel: Panel, rows: Observations) -> Vector:
    """Return 1 for the rows at or after the first treatment of their territory."""
    return (panel.times[rows.time] >= panel.first[rows.unit]).astype(float)


def two_way_effect(panel: Panel) -> tuple[Effects, Regression]:
    """Return the single coefficient of `treated` with territory and period effects."""
    rows = observations(panel)
    found = two_way(rows, treated_rows(panel, rows)[:, None], len(panel.times))
    influence = found.influence(panel.n)
    value = float(found.coefficients[0])
    return Effects(("effect",), found.coefficients, influence, value, influence[:, 0], (rows.size,)), found


def two_way_event_study(panel: Panel) -> tuple[Effects, Regression]:
    """Return one coefficient per time since treatment; the last period before treatment is the reference.

    When no territory stays untreated, the earliest time since treatment is a second reference.
    """
    rows = observations(panel)
    event = panel.times[rows.time] - panel.first[rows.unit]
    reference = _reference(panel, rows)
    levels = np.unique(event[np.isfinite(event)])
    if not np.isinf(panel.first).any():
        levels = levels[1:]
    levels = np.array([e for e in levels if not np.any(reference & (event == e))])
    columns = (event[:, None] == levels[None, :]).astype(float)
    found = two_way(rows, columns, len(panel.times))
    influence, after = found.influence(panel.n), levels >= 0
    if not after.any():
        raise StatsError.of(
            codes.TOO_FEW, what=msg("treated periods with a comparison"), n=Quantity(0), needed=Quantity(1)
        )
    counts = tuple(int(count) for count in columns.sum(axis=0))
    overall, moved = float(found.coefficients[after].mean()), influence[:, after].mean(axis=1)
    return Effects(tuple(f"{e:g}" for e in levels), found.coefficients, influence, overall, moved, counts), found


def _reference(panel: Panel, rows: Observations) -> np.ndarray:
    """Mark the rows of the last period before the treatment of their territory."""
    base = np.array([panel.base(g) if np.isfinite(g) else -1 for g in panel.first])
    return np.asarray(rows.time == base[rows.unit])


def with_a_comparison(panel: Panel) -> Panel:
    """Leave out the always treated; where none stays untreated, the last cohort serves until its own treatment."""
    if (panel.first <= panel.times[0]).any():
        panel = panel.keep(panel.first > panel.times[0])
    if not panel.cohorts:
        raise StatsError.of(
            codes.TOO_FEW, what=msg("territories treated within the period"), n=Quantity(0), needed=Quantity(1)
        )
    if np.isinf(panel.first).any():
        return panel
    last = panel.cohorts[-1]
    early = panel.times < last
    if len(panel.cohorts) < 2 or early.sum() < 2:
        raise StatsError.of(codes.NO_NEVER)
    return replace(
        panel,
        times=panel.times[early],
        outcome=panel.outcome[:, early],
        weights=panel.weights[:, early],
        covariates=panel.covariates[:, early],
        first=np.where(panel.first == last, np.inf, panel.first),
    )


def interaction_weighted(panel: Panel) -> tuple[Cells, Panel, Regression]:
    """Return the effect of each cohort in each period from one saturated regression (Sun & Abraham 2021)."""
    panel = with_a_comparison(panel)
    rows = observations(panel)
    cohort, time = panel.first[rows.unit], panel.times[rows.time]
    wanted = np.isfinite(cohort) & ~_reference(panel, rows)
    pairs = np.unique(np.column_stack([cohort[wanted], time[wanted]]), axis=0)
    columns = ((cohort[:, None] == pairs[:, 0]) & (time[:, None] == pairs[:, 1])).astype(float)
    found = two_way(rows, columns, len(panel.times))
    share = (columns * rows.weights[:, None]).sum(axis=0)
    cells = Cells(
        pairs[:, 0], pairs[:, 1], found.coefficients, found.influence(panel.n), share / share.sum(),
        np.zeros((panel.n, len(pairs))), columns.sum(axis=0), float(panel.times[-1]), float(panel.times[0]),
    )  # fmt: skip
    return cells, panel, found
