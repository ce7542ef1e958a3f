"""From a request to an estimate: the estimator, its inference and its checks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Row, bound, choice, shown, table
from evalkit.stats.panel.callaway import group_time_effects
from evalkit.stats.panel.cells import AGGREGATIONS, Cells, Effects, aggregate
from evalkit.stats.panel.checks import clusters_check, design_checks
from evalkit.stats.panel.data import Panel, read_panel
from evalkit.stats.panel.imputation import imputed_effects
from evalkit.stats.panel.inference import Law, covariance, multiplier_test, randomisation_test
from evalkit.stats.panel.interacted import interaction_weighted, two_way_effect, two_way_event_study
from evalkit.stats.panel.regression import Regression
from evalkit.stats.panel.request import STEPWISE, Found, Request
from evalkit.stats.panel.switchers import read_status, switching_effects
from evalkit.stats.panel.wild import WildBootstrap
from evalkit.text import Message, Quantity, msg


def answer(frame: pd.DataFrame, request: Request) -> Estimate:
    """Estimate the request and say how sure the answer is."""
    panel = read_panel(
        frame, outcome=request.outcome, unit=request.unit, time=request.time, first_treated=request.first_treated,
        covariates=request.covariates, weights=request.weights, cluster=request.cluster, never=request.never,
    )  # fmt: skip
    known = panel.outcome[~np.isnan(panel.outcome)]
    if float(np.ptp(known)) <= 1e-12 * float(np.abs(known).max()):
        raise StatsError.of(codes.NO_VARIATION, what=request.outcome)
    status = None if request.treated is None else read_status(frame, panel, request.unit, request.time, request.treated)
    found = estimated(panel, request, status)
    law = _law(found, request)
    spread = covariance(found.effects, law)
    switched = found.panel.first if status is None else np.where(np.nanmax(np.diff(status), axis=1) != 0, 0, np.inf)
    treated = len(np.unique(found.panel.clusters[np.isfinite(switched)]))
    limits, extra = _limits(found, request, law, spread, treated, status)
    rows = [_row(found.effects, i, spread, law, treated) for i in range(len(found.effects.terms))]
    terms = list(found.effects.terms)
    checks = [
        found.panel.check(),
        clusters_check(law, treated, request.inference),
        *design_checks(found, request, spread),
    ]
    return Estimate(
        value=found.effects.overall,
        method=request.method,
        unit=request.measure,
        se=math.sqrt(spread[-1, -1]) if treated > 1 else None,
        lower=limits[0],
        upper=limits[1],
        p_value=limits[2],
        confidence=request.level,
        n=found.panel.n,
        table=table(rows),
        covariance=pd.DataFrame(spread[:-1, :-1], index=terms, columns=terms),
        checks=tuple(checks),
        sentence=_sentence(found.effects.overall, limits, request.measure),
        details={
            "aggregation": request.aggregation,
            "inference": request.inference,
            "treated": treated,
            "dropped": len(found.panel.left_out)
            + (len(found.panel.baseless) if request.method == "callaway_santanna" else 0),
            "base": request.base if request.method in STEPWISE else "universal",
            **extra,
        },
    )


def estimated(panel: Panel, request: Request, status: Matrix | None = None) -> Found:
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
        dose = (panel.times[None, :] >= panel.first[:, None]).astype(float) if status is None else status
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


def _law(found: Found, request: Request) -> Law:
    clusters = len(np.unique(found.panel.clusters))
    if clusters < 2:
        raise StatsError.of(codes.TOO_FEW, what=msg("clusters"), n=Quantity(clusters), needed=Quantity(2))
    if found.regression is not None:
        return Law(found.panel.clusters, found.regression.factor(clusters), clusters - 1, request.level)
    named = request.cluster is not None
    return Law(
        found.panel.clusters,
        clusters / (clusters - 1) if named else 1.0,
        clusters - 1 if named else None,
        request.level,
    )


def _row(effects: Effects, i: int, spread: Matrix, law: Law, treated: int) -> Row:
    value, se = float(effects.estimates[i]), math.sqrt(max(0.0, spread[i, i]))
    row: Row = {"term": effects.terms[i], "value": value, "n": effects.counts[i]}
    if treated < 2 or se == 0:
        return row
    lower, upper, p = law.limits(value, se)
    return row | {"se": se, "lower": lower, "upper": upper, "p_value": p}


Limits = tuple[float | None, float | None, float | None]


def _limits(
    found: Found, request: Request, law: Law, spread: Matrix, treated: int, status: Matrix | None
) -> tuple[Limits, dict[str, float | int | str | None]]:
    """Return the limits and p-value of the overall effect by the inference asked for."""
    value, se = found.effects.overall, math.sqrt(spread[-1, -1])
    if request.inference == "randomisation" and status is None:
        plain = replace(request, inference="analytic")
        low, high, p, count, whole = randomisation_test(
            found.panel, lambda panel: estimated(panel, plain).effects.overall, request.level, request.seed
        )
        return (low, high, p), {"assignments": count, "exact": int(whole)}
    if treated < 2:
        return (None, None, None), {}
    if request.inference == "wild_bootstrap":
        if request.method == "twfe" and request.aggregation == "simple" and found.regression is not None:
            return _restricted(found.regression, found.panel, value, se, request), {}
        low, high, p = multiplier_test(found.effects, law, request.seed)
        return (bound(low), bound(high), p), {}
    return law.limits(value, se), {}


def _restricted(regression: Regression, panel: Panel, value: float, se: float, request: Request) -> Limits:
    """Restricted wild cluster bootstrap of the coefficient of two-way fixed effects."""
    column = regression.columns[:, 0]
    groups = np.unique(panel.clusters, return_inverse=True)[1][regression.unit]
    test = WildBootstrap.of(column, regression.residuals + value * column, regression.basis, groups, request.seed)
    low, high = test.interval(value, se, request.level)
    return bound(low), bound(high), test.p_value()


def _sentence(value: float, limits: Limits, measure: str) -> Message:
    gap = shown(value, measure, signed=True)
    if limits[0] is None or limits[1] is None:
        return msg("treated territories moved by {gap} beyond the others; its doubt cannot be told", gap=gap)
    return msg(
        "treated territories moved by {gap} beyond the others, between {low} and {high} once chance is allowed for",
        gap=gap, low=shown(limits[0], measure, signed=True), high=shown(limits[1], measure, signed=True),
    )  # fmt: skip
