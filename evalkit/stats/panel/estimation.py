"""From a request to an estimate: the estimator, its inference and its checks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats._inputs import Matrix, Row, enough, refuse_constant, shown, table
from evalkit.stats.panel.cells import Effects
from evalkit.stats.panel.checks import clusters_check, design_checks
from evalkit.stats.panel.choice import Sides, sides
from evalkit.stats.panel.data import read_panel
from evalkit.stats.panel.estimators import estimated
from evalkit.stats.panel.inference import Law, covariance
from evalkit.stats.panel.limits import Limits, infer
from evalkit.stats.panel.request import STEPWISE, Found, Request
from evalkit.stats.panel.switchers import read_status
from evalkit.text import Message, msg


def answer(frame: pd.DataFrame, request: Request) -> Estimate:
    """Estimate the request and say how sure the answer is."""
    found, known = _estimated(frame, request)
    law = _law(found, request, known.clusters)
    spread = covariance(found.effects, law)
    told = infer(found, request, law, spread, known)
    rows = [_row(found.effects, i, spread, limits) for i, limits in enumerate(told.terms)]
    terms = list(found.effects.terms)
    checks = [
        found.panel.check(),
        clusters_check(told, known, request.level),
        *design_checks(found, request, spread, told),
    ]
    return Estimate(
        value=found.effects.overall,
        method=request.method,
        unit=request.measure,
        se=math.sqrt(spread[-1, -1]) if known.smaller > 1 else None,
        lower=told.overall[0],
        upper=told.overall[1],
        p_value=told.overall[2],
        confidence=request.level,
        n=found.panel.n,
        table=table(rows),
        covariance=pd.DataFrame(spread[:-1, :-1], index=terms, columns=terms),
        checks=tuple(checks),
        sentence=_sentence(found.effects.overall, told.overall, request.measure),
        details={
            "aggregation": request.aggregation,
            "inference": told.kind,
            "treated": known.treated,
            "dropped": len(found.panel.left_out)
            + (len(found.panel.baseless) if request.method == "callaway_santanna" else 0),
            "base": request.base if request.method in STEPWISE else "universal",
            **told.details,
        },
    )


def effect_alone(frame: pd.DataFrame, request: Request) -> tuple[float, int]:
    """Return the effect and the number of territories of a request, as `answer` does, without asking how sure they are."""
    found, _ = _estimated(frame, request)
    return found.effects.overall, found.panel.n


def _estimated(frame: pd.DataFrame, request: Request) -> tuple[Found, Sides]:
    """Return what a request finds in a frame, and its clusters on both sides."""
    panel = read_panel(
        frame, outcome=request.outcome, unit=request.unit, time=request.time, first_treated=request.first_treated,
        covariates=request.covariates, weights=request.weights, cluster=request.cluster, never=request.never,
    )  # fmt: skip
    refuse_constant(panel.outcome[~np.isnan(panel.outcome)], request.outcome)
    if request.treated is not None:
        panel = replace(panel, status=read_status(frame, panel, request.unit, request.time, request.treated))
    found = estimated(panel, request)
    known = sides(found.panel)
    enough(known.clusters, 2, msg("clusters"))
    return found, known


def _law(found: Found, request: Request, clusters: int) -> Law:
    """Return the published law: Student for regressions and stated clusters, else normal."""
    if found.regression is not None:
        return Law(found.panel.clusters, found.regression.factor(clusters), clusters - 1, request.level)
    named = request.cluster is not None
    factor = clusters / (clusters - 1) if named else 1.0
    return Law(found.panel.clusters, factor, clusters - 1 if named else None, request.level)


def _row(effects: Effects, i: int, spread: Matrix, limits: Limits) -> Row:
    se = math.sqrt(max(0.0, spread[i, i]))
    row: Row = {"term": effects.terms[i], "value": float(effects.estimates[i]), "n": effects.counts[i]}
    known = se > 0 and limits[0] is not None
    return row | {"se": se if known else None, "lower": limits[0], "upper": limits[1], "p_value": limits[2]}


def _sentence(value: float, limits: Limits, measure: str) -> Message:
    gap = shown(value, measure, signed=True)
    if limits[0] is None or limits[1] is None:
        return msg("treated territories moved by {gap} beyond the others; its doubt cannot be told", gap=gap)
    return msg(
        "treated territories moved by {gap} beyond the others, between {low} and {high} once chance is allowed for",
        gap=gap, low=shown(limits[0], measure, signed=True), high=shown(limits[1], measure, signed=True),
    )  # fmt: skip
