"""Callaway and Sant'Anna: the effect of each cohort in each period against territories not (yet) treated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, choice
from evalkit.stats.panel.cells import Cells
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.doubly_robust import doubly_robust_change, plain_changes
from evalkit.text import Quantity, msg

BASES = ("universal", "varying")
CONTROLS = ("never", "not_yet")


def group_time_effects(panel: Panel, control: str = "never", base: str = "varying") -> tuple[Cells, Panel]:
    """Return the cells ATT(g, t) and the panel they rest on (always-treated territories left out).

    `base`: before treatment, compare with the period just before (`varying`) or always with the last one before treatment
    (`universal`).
    """
    choice(base, "base", BASES)
    choice(control, "control", CONTROLS)
    panel = panel.keep(panel.first > panel.times[0]) if (panel.first <= panel.times[0]).any() else panel
    if not panel.cohorts:
        raise StatsError.of(
            codes.TOO_FEW, what=msg("territories treated within the period"), n=Quantity(0), needed=Quantity(1)
        )
    if control == "never" and not np.isinf(panel.first).any():
        raise StatsError.of(codes.NO_NEVER)
    found = [part for cohort in panel.cohorts for part in _cohort_cells(panel, cohort, control, base)]
    if not found:
        raise StatsError.of(codes.TOO_FEW, what=msg("comparison territories"), n=Quantity(0), needed=Quantity(1))
    cohorts = np.concatenate([np.full(len(part.times), part.cohort) for part in found])
    member = (panel.first[:, None] == cohorts[None, :]) * panel.unit_weights[:, None]
    size = member.mean(axis=0)
    return (
        Cells(
            cohorts,
            np.concatenate([part.times for part in found]),
            np.concatenate([part.values for part in found]),
            np.column_stack([part.influence for part in found]),
            size,
            member - size,
            (panel.first[:, None] == cohorts[None, :]).sum(axis=0).astype(np.float64),
            float(panel.times[-1]),
            float(panel.times[0]),
        ),
        panel,
    )


@dataclass(frozen=True)
class _Part:
    """The cells of one cohort; `influence` has one column per period."""

    cohort: float
    times: Vector
    values: Vector
    influence: Matrix


def _cohort_cells(panel: Panel, cohort: float, control: str, kind: str) -> list[_Part]:
    """Return the cells of one cohort, all periods at once; those with an empty group are left out."""
    at = np.arange(0 if kind == "universal" else 1, len(panel.times))
    base = np.where((panel.times[at] >= cohort) | (kind == "universal"), panel.base(cohort), at - 1)
    at, base = at[base != at], base[base != at]
    treated = panel.first == cohort
    horizon = np.maximum(panel.times[at], panel.times[base])
    never = np.isinf(panel.first)[:, None]
    free = never if control == "never" else (panel.first[:, None] > horizon) & ~treated[:, None]
    change = panel.outcome[:, at] - panel.outcome[:, base]
    used = (treated[:, None] | free) & ~np.isnan(change)
    both = (used & treated[:, None]).any(axis=0) & (used & free).any(axis=0)
    if not both.any():
        return []
    at, base, used = at[both], base[both], used[:, both]
    change = np.where(used, change[:, both], 0.0)
    load = panel.weights[:, base] / np.nanmean(panel.weights[:, base], axis=0)
    weights = np.where(used, load, 0.0)
    if panel.covariates.shape[2] == 0:
        values, influence = plain_changes(change, treated, weights)
        return [_Part(cohort, panel.times[at], values, influence)]
    cells = [
        doubly_robust_change(change[:, i], treated, weights[:, i], np.nan_to_num(panel.covariates[:, base[i], :]))
        for i in range(len(at))
    ]
    return [_Part(cohort, panel.times[at], np.array([c[0] for c in cells]), np.column_stack([c[1] for c in cells]))]
