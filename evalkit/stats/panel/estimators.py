"""From a request and a panel to effects: the estimator that was asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from evalkit.stats._inputs import Vector, choice
from evalkit.stats.panel.callaway import group_time_effects
from evalkit.stats.panel.cells import AGGREGATIONS, Cells, Effects, aggregate
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.imputation import imputed_effects
from evalkit.stats.panel.interacted import interaction_weighted, two_way_effect, two_way_event_study
from evalkit.stats.panel.request import Found, Request
from evalkit.stats.panel.switchers import switching_effects


def estimated(panel: Panel, request: Request) -> Found:
    """Run the estimator of the request on a panel."""
    choice(request.aggregation, "aggregation", AGGREGATIONS)
    if request.method == "twfe":
        choice(request.aggregation, "aggregation", ("dynamic", "simple"))
        effects, regression = (two_way_event_study if request.aggregation == "dynamic" else two_way_effect)(panel)
        return Found(effects, panel, regression, _times(effects, None, request.aggregation))
    if request.method == "sun_abraham":
        cells, panel, saturated = interaction_weighted(panel)
        effects = aggregate(cells, request.aggregation, request.balance)
        return Found(effects, panel, saturated, _times(effects, cells, request.aggregation))
    if request.method == "imputation":
        cells, panel = imputed_effects(panel)
    elif request.method == "switchers":
        dose = (panel.times[None, :] >= panel.first[:, None]).astype(float) if panel.status is None else panel.status
        cells = switching_effects(panel, dose)
    else:
        cells, panel = group_time_effects(panel, request.control, request.base)
    effects = aggregate(cells, request.aggregation, request.balance)
    return Found(effects, panel, None, _times(effects, cells, request.aggregation))


def _times(effects: Effects, cells: Cells | None, aggregation: str) -> tuple[float, ...]:
    """Return the time since treatment of each term, where terms have one."""
    if aggregation == "dynamic":
        return tuple(float(term) for term in effects.terms)
    return () if cells is None or aggregation != "simple" else tuple(float(e) for e in cells.event_time)


def same_terms(request: Request, terms: tuple[str, ...]) -> Callable[[Panel], Vector]:
    """Return an estimator of these terms and of the overall effect, the last: NaN for a term that another panel does not have."""

    def estimate(panel: Panel) -> Vector:
        effects = estimated(panel, request).effects
        if effects.terms == terms:
            return np.append(effects.estimates, effects.overall)
        twice = {name for name in effects.terms if effects.terms.count(name) > 1}
        found = {name: value for name, value in zip(effects.terms, effects.estimates, strict=True) if name not in twice}
        return np.array([*(found.get(name, np.nan) for name in terms), effects.overall])

    return estimate
