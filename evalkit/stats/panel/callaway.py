"""Callaway and Sant'Anna: the effect of each cohort in each period against territories not (yet) treated."""

from __future__ import annotations

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import choice
from evalkit.stats.panel.cells import Cells
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.doubly_robust import doubly_robust_change, plain_change
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
    share, found = panel.unit_weights, []
    for cohort in panel.cohorts:
        for at in range(0 if base == "universal" else 1, len(panel.times)):
            cell = _cell(panel, cohort, at, control, base)
            if cell is not None:
                found.append((cohort, panel.times[at], *cell))
    if not found:
        raise StatsError.of(codes.TOO_FEW, what=msg("comparison territories"), n=Quantity(0), needed=Quantity(1))
    member = [share * (panel.first == f[0]) for f in found]
    size = np.array([m.mean() for m in member])
    return (
        Cells(
            np.array([f[0] for f in found]),
            np.array([f[1] for f in found]),
            np.array([f[2] for f in found]),
            np.column_stack([f[3] for f in found]),
            size,
            np.column_stack(member) - size,
            np.array([float((panel.first == f[0]).sum()) for f in found]),
            float(panel.times[-1]),
            float(panel.times[0]),
        ),
        panel,
    )


def _cell(panel: Panel, cohort: float, at: int, control: str, kind: str) -> tuple[float, np.ndarray] | None:
    """Return one ATT(g, t) and its influence, or None where one of the two groups is empty."""
    time = panel.times[at]
    base = panel.base(cohort) if time >= cohort or kind == "universal" else at - 1
    if base == at:
        return None
    treated = panel.first == cohort
    horizon = max(time, panel.times[base])
    free = np.isinf(panel.first) if control == "never" else (panel.first > horizon) & ~treated
    change = panel.outcome[:, at] - panel.outcome[:, base]
    used = (treated | free) & ~np.isnan(change)
    if not (used & treated).any() or not (used & free).any():
        return None
    load = panel.weights[:, base] / np.nanmean(panel.weights[:, base])
    weights = np.where(used, np.nan_to_num(load), 0.0)
    change = np.where(used, change, 0.0)
    if panel.covariates.shape[2] == 0:
        return plain_change(change, treated, weights)
    return doubly_robust_change(change, treated, weights, np.nan_to_num(panel.covariates[:, base, :]))
