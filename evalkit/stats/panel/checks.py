"""The checks of a difference in differences: enough clusters, parallel trends before, comparisons that are clean."""

from __future__ import annotations

import numpy as np

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats._inputs import Matrix, judged
from evalkit.stats.panel.data import NAMED
from evalkit.stats.panel.imputation import unreachable, untreated_leads
from evalkit.stats.panel.inference import Law, cluster_sums
from evalkit.stats.panel.request import STEPWISE, Found, Request
from evalkit.stats.panel.trends import pre_trend_check
from evalkit.text import Quantity, msg, nmsg

FEW_CLUSTERS = 30
FEW_TREATED = 5


def clusters_check(law: Law, treated: int, inference: str) -> Check:
    """Say whether there are enough clusters, and treated ones, for the inference chosen."""
    count = len(np.unique(law.clusters))
    fine = (count >= FEW_CLUSTERS and treated >= FEW_TREATED) or (inference != "analytic" and treated > 1)
    return judged(
        "enough clusters",
        fine,
        msg("{n} clusters, {treated} of them treated, are enough for this interval", n=Quantity(count), treated=Quantity(treated)),
        msg("{n} clusters, {treated} of them treated, are few: the interval may be too short", n=Quantity(count), treated=Quantity(treated)),
    )  # fmt: skip


def design_checks(found: Found, request: Request, spread: Matrix) -> list[Check]:
    """Return the checks that the method and the aggregation ask for."""
    checks = _bases(found) if request.method == "callaway_santanna" else []
    if request.method == "imputation":
        checks.append(_leads(found, request))
    elif found.event_times:
        times = np.array(found.event_times)
        steps = np.ones(len(times)) if request.method in STEPWISE and request.base == "varying" else times + 1
        checks.append(
            pre_trend_check(times, steps, found.effects.estimates, spread[:-1, :-1], request.level, request.measure)
        )
    if request.method == "imputation":
        lost = unreachable(found.panel)
        checks.append(
            judged(
                "all treated periods reached",
                lost == 0,
                msg("every treated value has an untreated equivalent"),
                msg("{n} treated values have no untreated equivalent and are left out", n=Quantity(lost)),
            )
        )
    if request.method == "twfe":
        checks.append(
            judged(
                "treated at once",
                len(found.panel.cohorts) <= 1,
                msg("all treated territories start in the same period"),
                msg("territories start at different dates: this method also compares with those already treated"),
            )
        )
    return checks


def _bases(found: Found) -> list[Check]:
    """Name the treated territories that no effect rests on, because their last value before treatment is missing."""
    lost = found.panel.baseless
    if not lost:
        return []
    text = nmsg(
        "{n} treated territory has no value just before its treatment and is left out ({names})",
        "{n} treated territories have no value just before their treatment and are left out ({names})",
        len(lost), names=", ".join(lost[:NAMED]) + ("…" if len(lost) > NAMED else ""),
    )  # fmt: skip
    return [Check("base periods known", False, text)]


def _leads(found: Found, request: Request) -> Check:
    """Test the parallel trends of an imputation on untreated values only."""
    nothing = np.empty(0)
    try:
        leads = untreated_leads(found.panel)
    except StatsError:
        leads = None
    if leads is None:
        return pre_trend_check(nothing, nothing, nothing, np.empty((0, 0)), request.level)
    times, steps, regression = leads
    sums = cluster_sums(regression.influence(found.panel.n), found.panel.clusters)
    spread = regression.factor(len(sums)) * sums.T @ sums
    return pre_trend_check(times, steps, regression.coefficients, spread, request.level, request.measure)
