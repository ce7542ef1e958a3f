"""The checks of a difference in differences: enough clusters, parallel trends before, comparisons that are clean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats._inputs import Matrix, Vector, judged
from evalkit.stats.panel.choice import FEW_ON_A_SIDE, Sides
from evalkit.stats.panel.data import NAMED, Panel
from evalkit.stats.panel.imputation import unreachable, untreated_leads
from evalkit.stats.panel.inference import cluster_sums, reassigned
from evalkit.stats.panel.jackknife import jackknife
from evalkit.stats.panel.limits import AUTOMATIC, Told
from evalkit.stats.panel.request import STEPWISE, Found, Request
from evalkit.stats.panel.trends import NAME as TRENDS
from evalkit.stats.panel.trends import placebo_trend_check, pre_trend_check
from evalkit.stats.panel.wild import enough_signs
from evalkit.text import Message, Quantity, msg, nmsg

NAME = "enough clusters"
FEW_SIGNED = 3
"""Below so many clusters on a side the restricted bootstrap hardly ever rejects (MacKinnon & Webb 2017)."""


def clusters_check(told: Told, known: Sides, level: float) -> Check:
    """Say whether there are enough clusters on both sides for the inference used, and which one that is."""
    counts = {"n": Quantity(known.clusters), "treated": Quantity(known.treated)}
    few = msg("{n} clusters, {treated} of them treated, are few: the interval may be too short", **counts)
    yes, no, fine = (
        msg("{n} clusters, {treated} of them treated, are enough for this interval", **counts),
        few,
        known.many,
    )
    if told.overall[0] is None and told.overall[1] is None:
        return Check(NAME, False, _no_interval(told, known))
    if told.kind == "jackknife" and told.jackknife is not None:
        fine = known.smaller > FEW_ON_A_SIDE
        counts["df"] = Quantity(float(told.jackknife.df[-1]), "ratio", 1)
        yes = msg(
            "{n} clusters, {treated} of them treated: the interval shows how the effect moves as each is left out (Student, {df} degrees of freedom)",
            **counts,
        )
        no = msg(
            "{n} clusters, {treated} of them treated, are so few that the interval is very wide (Student, {df} degrees of freedom)",
            **counts,
        )
    if told.kind == "wild_bootstrap":
        fine = known.smaller >= FEW_SIGNED and enough_signs(known.clusters, level)
        yes = msg(
            "{n} clusters, {treated} of them treated: the interval holds the effects that sign changes of the clusters do not refute",
            **counts,
        )
        no = msg(
            "{n} clusters, {treated} of them treated, are few for sign changes: the interval is too wide", **counts
        )
    if told.reassigned is not None:
        fine = known.whole
        counts["count"] = Quantity(told.reassigned.count)
        yes = msg(
            "{n} clusters, {treated} of them treated: {count} ways of placing the treatment give the interval, if all vary alike",
            **counts,
        )
        no = msg("some clusters are treated in part only: re-assignment takes their territories for independent")
    return judged(NAME, fine, yes, no)


def _no_interval(told: Told, known: Sides) -> Message:
    counts = {"n": Quantity(known.clusters), "treated": Quantity(known.treated)}
    if told.reassigned is not None:
        return msg(
            "{count} ways of placing the treatment are too few for an interval", count=Quantity(told.reassigned.count)
        )
    if known.smaller < 2:
        return msg(
            "{n} clusters, {treated} of them treated: one alone on its side does not show how much it varies, so there is no interval",
            **counts,
        )
    if told.jackknife is not None and told.jackknife.resting_on is not None:
        return msg(
            "the effect cannot be estimated without {name}: there is no interval", name=told.jackknife.resting_on
        )
    return msg("{n} clusters, {treated} of them treated, are too few for an interval", **counts)


def design_checks(found: Found, request: Request, spread: Matrix, told: Told) -> list[Check]:
    """Return the checks that the method and the aggregation ask for."""
    checks = _bases(found) if request.method == "callaway_santanna" else []
    if request.method == "imputation":
        checks.append(_leads(found, request, told))
    elif found.event_times:
        times = np.array(found.event_times)
        steps = np.ones(len(times)) if request.method in STEPWISE and request.base == "varying" else times + 1
        terms = np.append(found.effects.estimates, np.nan)
        checks.append(_trends(times, steps, terms, spread, told, request))
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


def _trends(times: Vector, steps: Vector, terms: Vector, spread: Matrix, told: Told, request: Request) -> Check:
    """Test the terms before treatment by the law of the answer; the last of `terms` and `spread` is not a term."""
    if told.jackknife is not None:
        small = told.jackknife
        told_apart = np.isfinite(small.df[:-1]) & np.isfinite(np.diag(small.covariance)[:-1])
        if (times < 0).any() and not (told_apart & (times < 0)).any():
            return Check(TRENDS, None, msg("too few territories to check what was before treatment"))
        part = small.covariance[:-1, :-1][np.ix_(told_apart, told_apart)]
        df = float(small.df[:-1][told_apart & (times < 0)].min(initial=np.inf))
        return pre_trend_check(
            times[told_apart], steps[told_apart], terms[:-1][told_apart], part, request.level, request.measure, df=df
        )  # fmt: skip
    if told.reassigned is not None:
        return placebo_trend_check(times, steps, told.reassigned.effects[:, :-1], request.level, request.measure)
    return pre_trend_check(times, steps, terms[:-1], spread[:-1, :-1], request.level, request.measure)


def _leads(found: Found, request: Request, told: Told) -> Check:
    """Test the parallel trends of an imputation on untreated values only."""
    nothing = np.empty(0)
    try:
        leads = untreated_leads(found.panel)
    except StatsError:
        leads = None
    if leads is None:
        return pre_trend_check(nothing, nothing, nothing, np.empty((0, 0)), request.level)
    times, steps, regression = leads
    terms = np.append(regression.coefficients, np.nan)

    def estimate(panel: Panel) -> Vector:
        again = untreated_leads(panel)
        known = {} if again is None else dict(zip(again[0].tolist(), again[2].coefficients, strict=True))
        same = again is not None and again[1][0] == steps[0]
        return np.array([*(known.get(time, np.nan) if same else np.nan for time in times.tolist()), 0.0])

    if told.jackknife is not None:
        told = replace(told, jackknife=jackknife(found.panel, estimate, request.level))
    elif told.reassigned is not None:
        told = replace(told, reassigned=reassigned(found.panel, estimate, request.seed, *AUTOMATIC))
    sums = cluster_sums(regression.influence(found.panel.n), found.panel.clusters)
    spread = regression.factor(len(sums)) * _bordered(sums.T @ sums)
    return _trends(times, steps, terms, spread, told, request)


def _bordered(spread: Matrix) -> Matrix:
    """Return the covariance with an empty row and column last, where that of an overall effect would stand."""
    return np.pad(spread, (0, 1))
