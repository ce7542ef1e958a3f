"""Differences in differences and event studies: territories treated at some date against others over the same years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import choice, column, confidence_level, need_columns
from evalkit.stats._small_sample import small_sample
from evalkit.stats.panel.estimation import answer
from evalkit.stats.panel.pooled import pooled_effect
from evalkit.stats.panel.request import INFERENCES, METHODS, Request


def did(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    method: str = "callaway_santanna",
    aggregation: str = "simple",
    covariates: Sequence[str] | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    control: str = "never",
    never: float | str | None = None,
    balance: float | None = None,
    inference: str | None = None,
    seed: int = 0,
    treated: str | None = None,
    covariance: str = "CR1",
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say how much treated territories changed beyond what untreated ones did over the same years.

    Args:
        frame: one row per territory and period.
        outcome: column of the outcome; a missing value is a gap, counted in the checks.
        unit: column of the territory.
        time: column of the period, a number.
        first_treated: column of the first treated period; missing or infinite when never treated.
        method: `callaway_santanna` (each cohort against untreated ones), `sun_abraham` (the same from one regression), `imputation`
            (Borusyak, Jaravel and Spiess), `switchers` (de Chaisemartin and D'Haultfœuille, effect in the period of the switch),
            `twfe` (two-way fixed effects; right only when all are treated at once).
        aggregation: `simple` (all treated cells), `group` (by cohort), `dynamic` (by time since treatment), `calendar` (by period).
            `twfe` knows `simple` and `dynamic`.
        covariates: columns; taken before treatment in `callaway_santanna` (doubly robust), by period in the regressions.
        weights: column of weights (population).
        cluster: column of clusters, by default the territory.
        control: comparison with territories `never` treated or `not_yet` treated (`callaway_santanna`).
        never: another code for never treated in `first_treated`.
        balance: for `dynamic`, keep cohorts seen at least this long after treatment, and times up to it.
        inference: left out, the number of clusters decides: `analytic` from 50 clusters on, 20 of them treated and 20 not; `randomisation`
            with one or two on a side; `jackknife` otherwise. `analytic`: the published laws, too short with few clusters. `jackknife`:
            every cluster left out in turn, within its date of treatment, Student with the degrees of freedom that the design allows.
            `wild_bootstrap`: restricted, all signs of up to 12 clusters, 9,999 seeded draws beyond. `randomisation`: all re-assignments of
            the dates of treatment up to 5,000, 999 seeded ones beyond (unasked: 1,000 and 399). The last two give the constant effects
            that are not rejected. The value and `se` are the same with each; `details["inference"]` and the check `enough clusters` say
            which one gave the interval.
        seed: seed of what is drawn.
        treated: for `switchers`, a column of 0 and 1 when treatment can end; the other methods refuse one that does.
        covariance: for `twfe`, `CR1` (usual), `CR2` (bias reduced, with the degrees of freedom of Bell and McCaffrey) or `CR3` (jackknife):
            better with few clusters.
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        The overall effect; `table` has the terms of the aggregation, `covariance` their published covariance. The terms have the limits of
        the jackknife where the overall effect has those of the bootstrap or of re-assignment; with one cluster on a side they have
        p-values of re-assignment only. Where nothing gives a valid interval there is none, and the check says why.
        With few clusters `details` has `df` and `jackknife_se`: the interval comes from these, not from `se`.

    Raises:
        StatsError: no comparison possible, collinear covariates, a territory twice in a period (but with `twfe`, where rows are
            then taken as repeated cross-sections), treatment dates that change.

    When not to use it: when the trends before differ, when the comparison territories got something from the programme too, or
    when treatment was decided because of a bad year (regression to the mean).
    Assumption: without the programme both would have changed alike (parallel trends), no effect before its date, no spillover.
    Formula: `ATT(g, t) = E[Y(t) − Y(g−1) | G = g] − E[Y(t) − Y(g−1) | comparison]`, weighted by cohort size; variance from the influence
    functions, clustered. `twfe` and `sun_abraham`: `G/(G−1) (N−1)/(N−K)` and Student with G − 1 degrees of freedom.
    Jackknife: `Σ_h (n_h − 1)/n_h Σ_{g ∈ h} (θ₍₋g₎ − θ)²` over the dates of treatment h (a lone treated cluster joins the nearest date);
    `df = (Σ v_h)² / Σ v_h²/(n_h − 1)`, v_h what date h adds to the variance when all territories vary alike.
    Source: Callaway & Sant'Anna (2021); Sun & Abraham (2021); Borusyak, Jaravel & Spiess (2024); de Chaisemartin & D'Haultfœuille
    (2020); Sant'Anna & Zhao (2020). Few clusters: Wolter (2007) § 4.5; Bell & McCaffrey (2002); Hansen (2025) JBES; Cameron, Gelbach &
    Miller (2008); MacKinnon & Webb (2017, 2020).

    Example:
        >>> import pandas as pd
        >>> starts = {0: 2003, 1: 2003, 2: 2003}
        >>> rows = [(u, t, starts.get(u), u + t + (u * t) % 3 + 5 * (t >= starts.get(u, 9999))) for u in range(9) for t in range(2000, 2007)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> found = did(frame, outcome="rate", unit="place", time="year", first_treated="start")
        >>> found.lower < 5 < found.upper
        True
    """
    choice(method, "method", METHODS)
    if inference is not None:
        choice(inference, "inference", INFERENCES)
    level = confidence_level(confidence)
    need_columns(frame, outcome, unit, time, first_treated, weights, cluster, treated)
    names = tuple(covariates or ())
    if treated is not None and method != "switchers":
        refuse_ending(frame, unit, time, treated)
    if method == "twfe" and aggregation == "simple" and repeated_cross_sections(frame, unit, time):
        choice(inference or "analytic", "inference", ("analytic",))
        return pooled_effect(
            frame, outcome=outcome, unit=unit, time=time, first_treated=first_treated, covariates=names,
            weights=weights, cluster=cluster, never=never, level=level, measure=measure, inference=inference,
        )  # fmt: skip
    request = Request(
        outcome, unit, time, first_treated, method, aggregation, names, weights, cluster, control, never, balance,
        inference, seed, treated, level, measure,
    )  # fmt: skip
    if choice(covariance, "covariance", ("CR1", "CR2", "CR3")) == "CR1":
        return answer(frame, request)
    choice(method, "method", ("twfe",))
    choice(inference or "analytic", "inference", ("analytic",))
    return small_sample(frame, replace(request, inference="analytic"), covariance)


def event_study(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    method: str = "callaway_santanna",
    covariates: Sequence[str] | None = None,
    weights: str | None = None,
    cluster: str | None = None,
    control: str = "never",
    never: float | str | None = None,
    balance: float | None = None,
    inference: str | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    measure: str = "",
    base: str = "varying",
) -> Estimate:
    """Show the effect by time since treatment, and test that nothing happened before.

    Args:
        frame: as in `did`, like the arguments up to `measure`.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        first_treated: column of the first treated period.
        method: as in `did` (but `switchers`, which has no course over time).
        covariates: columns.
        weights: column of weights.
        cluster: column of clusters.
        control: `never` or `not_yet`.
        never: another code for never treated.
        balance: keep cohorts seen at least this long after treatment.
        inference: as in `did`. With few clusters the test of the periods before is Hotelling's (Bonferroni's where they are too many),
            or by re-assignment.
        seed: seed of what is drawn.
        confidence: level of the intervals.
        measure: unit of the effect.
        base: for `callaway_santanna`, before treatment compare with the period just before (`varying`) or with the last period
            before treatment (`universal`, needed for `sensitivity`).

    Returns:
        The mean effect over the periods after treatment; `table` has one row per time since treatment, the check `parallel
        trends before` the joint test with the drift it would have missed.

    Raises:
        StatsError: as `did`.

    When not to use it: the shape before treatment is weak proof: look at the drift that would have been missed.
    Assumption: as `did`.
    Formula: as `did`, cells of equal `t − g` averaged by cohort size.
    Source: Callaway & Sant'Anna (2021) § 3; Sun & Abraham (2021); Roth (2022).

    Example:
        >>> import pandas as pd
        >>> starts = {0: 2003, 1: 2003, 2: 2003}
        >>> rows = [(u, t, starts.get(u), u + t + (u * t) % 3 + 5 * (t >= starts.get(u, 9999))) for u in range(9) for t in range(2000, 2007)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> found = event_study(frame, outcome="rate", unit="place", time="year", first_treated="start", base="universal")
        >>> found.table["term"].tolist()
        ['-3', '-2', '0', '1', '2', '3']
    """
    choice(method, "method", [name for name in METHODS if name != "switchers"])
    if inference is not None:
        choice(inference, "inference", INFERENCES)
    request = Request(
        outcome, unit, time, first_treated, method, "dynamic", tuple(covariates or ()), weights, cluster, control, never,
        balance, inference, seed, None, confidence_level(confidence), measure, base,
    )  # fmt: skip
    return answer(frame, request)


def repeated_cross_sections(frame: pd.DataFrame, unit: str, time: str) -> bool:
    """Say whether territories hold several rows a period: most of them do, or it is a row given twice by mistake.

    Raises:
        StatsError: some rows come twice, but fewer than half of the territories and periods do.
    """
    sizes = frame.groupby([unit, time], dropna=False).size()
    several = sizes > 1
    if not several.any():
        return False
    if several.mean() < 0.5:
        example = ", ".join(str(part) for part in several[several].index.to_frame().iloc[0])
        raise StatsError.of(codes.REPEATED, name=f"{unit}, {time}", example=example)
    return True


def refuse_ending(frame: pd.DataFrame, unit: str, time: str, treated: str) -> None:
    """Refuse a treatment that ends within the period: only `switchers` can take it."""
    ordered = pd.DataFrame({"u": frame[unit].to_numpy(), "t": column(frame, time), "d": column(frame, treated)})
    ordered = ordered.sort_values(["u", "t"], kind="stable")
    ended = ordered.groupby("u")["d"].diff() < 0
    if ended.any():
        raise StatsError.of(codes.SWITCHES_OFF, unit=str(ordered.loc[ended, "u"].iloc[0]))
