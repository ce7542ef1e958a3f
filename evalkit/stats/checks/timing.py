"""Checks on time: was nothing happening before, and does an invented date show nothing?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import column, judged, need_columns, shown, table
from evalkit.stats.checks.names import PLACEBO_DATE, PRE_TRENDS
from evalkit.stats.differences import did
from evalkit.stats.panel.data import treatment_dates
from evalkit.stats.panel.trends import pre_trend_check
from evalkit.text import msg

ALARM = 0.1
"""A placebo alarms below this p-value: with few periods a stricter one would hardly ever speak (as in `synthetic_control`)."""


def check_pre_trends(event_study_estimate: Estimate) -> Check:
    """Say whether the territories moved alike before, and how steep a drift would have been seen four times out of five.

    Args:
        event_study_estimate: what `event_study` returned.

    Returns:
        The joint test of all periods before; `table` has its statistic, the steady drift that it sees with a power of 80%, and the effect
        that such a drift would imitate (mean over the periods after). None where a single period comes before.

    Raises:
        StatsError: an estimate without event times.

    When not to use it: as proof of parallel trends: it is the drift it would have missed that counts.
    Assumption: normal estimates with the stated covariance; a linear drift.
    Formula: Wald `β'V⁻¹β`; the slope γ with `γ² s'V⁻¹s` equal to the non-centrality of power 0.8.
    Source: Roth (2022) AER: Insights 4.

    Example:
        >>> import pandas as pd
        >>> rows = [(u, t, 2003 if u < 4 else None, u + t + (u * t) % 3 + (u < 4 and t > 2002)) for u in range(8) for t in range(2000, 2006)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> from evalkit.stats import event_study
        >>> found = event_study(frame, outcome="rate", unit="place", time="year", first_treated="start", base="universal")
        >>> check_pre_trends(found).table["term"].tolist()[0]
        'joint test'
    """
    check = next((c for c in event_study_estimate.checks if c.name == PRE_TRENDS), None)
    if check is None:
        check = _from_table(event_study_estimate)
    if check.table is None or event_study_estimate.table is None:
        return check
    terms = pd.to_numeric(event_study_estimate.table["term"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    after = terms[terms >= 0]
    if not len(after):
        return check
    slope = float(check.table["value"].iloc[-1])
    row = {"term": "effect such a drift imitates", "value": slope * float((after + 1).mean())}
    return Check(check.name, check.passed, check.sentence, pd.concat([check.table, table([row])], ignore_index=True))


def _from_table(estimate: Estimate) -> Check:
    if estimate.table is None or estimate.covariance is None or estimate.details.get("base") != "universal":
        raise StatsError.of(codes.NO_REFERENCE)
    times = np.array([float(term) for term in estimate.table["term"]])
    values = estimate.table["value"].to_numpy(dtype=np.float64)
    return pre_trend_check(
        times, times + 1, values, estimate.covariance.to_numpy(dtype=np.float64), estimate.confidence, estimate.unit
    )


def check_placebo_date(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    never: float | str | None = None,
    **arguments: Any,
) -> Check:
    """Pretend that the programme started earlier, on the data before it only: an effect there would be a false alarm.

    Args:
        frame: one row per territory and period.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        first_treated: column of the first treated period; missing when never treated.
        never: another code for never treated.
        arguments: the other arguments of `did` (method, weights, cluster, control, inference ...).

    Returns:
        Passed where the invented effect has p > 0.1; None where fewer than three periods come before, or no test can be made.
        Each cohort gets the date in the middle of its periods before.

    Raises:
        StatsError: a missing column.

    When not to use it: when something really announced the programme earlier: that is anticipation, and the date is wrong.
    Assumption: as `did`.
    Formula: `did` on the untreated rows, with the invented dates.
    Source: Abadie, Diamond & Hainmueller (2015) AJPS 59 (in-time placebo); Bertrand, Duflo & Mullainathan (2004) QJE 119.

    Example:
        >>> import pandas as pd
        >>> rows = [(u, t, 2004 if u < 4 else None, u + t + (u * t) % 3) for u in range(12) for t in range(2000, 2006)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> check_placebo_date(frame, outcome="rate", unit="place", time="year", first_treated="start").name
        'placebo date'
    """
    need_columns(frame, outcome, unit, time, first_treated)
    dates, when = treatment_dates(frame[first_treated], never), column(frame, time)
    before = when < dates
    early = frame.loc[before].assign(**{first_treated: np.nan})
    invented = np.full(len(early), np.nan)
    cohort, years = dates[before], when[before]
    for first in np.unique(cohort[np.isfinite(cohort)]):
        periods = np.unique(years[cohort == first])
        if len(periods) >= 3:
            invented[cohort == first] = periods[max(1, len(periods) // 2)]
    if np.isnan(invented).all():
        return Check(PLACEBO_DATE, None, msg("too few periods before the programme to try an earlier date"))
    late = np.isfinite(cohort) & np.isnan(invented)
    part = early.assign(**{first_treated: invented}).loc[~late]
    try:
        found = did(part, outcome=outcome, unit=unit, time=time, first_treated=first_treated, **arguments)
    except StatsError:
        return Check(PLACEBO_DATE, None, msg("an earlier date cannot be tried on these data"))
    if found.p_value is None:
        return Check(PLACEBO_DATE, None, msg("an earlier date cannot be tried on these data"))
    cells = {
        "value": found.value, "se": found.se, "lower": found.lower, "upper": found.upper, "p_value": found.p_value,
        "n": found.n,
    }  # fmt: skip
    gap = shown(found.value, found.unit, signed=True)
    return judged(
        PLACEBO_DATE,
        found.p_value > ALARM,
        msg("with an invented earlier start no effect shows ({gap})", gap=gap),
        msg("with an invented earlier start an effect shows too ({gap})", gap=gap),
        table([{"term": "invented start", **cells}]),
    )
