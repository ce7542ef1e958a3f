"""Every territory of a programme against its own mix of untreated ones, with all placebos, the work shared among territories."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check, Estimate
from evalkit.stats._double_weights import noise_level, placebo_effects
from evalkit.stats._inputs import Row, confidence_level, judged, table
from evalkit.stats._mixes import Pool, mixed
from evalkit.stats._placebo import read_programme
from evalkit.stats._programme_rows import (
    control_rows,
    difference_rows,
    fit_before,
    path_rows,
    placebo_rows,
    programme_estimate,
)
from evalkit.text import msg

COLUMNS = ("start", "rmspe_before", "donors", "largest_donor", "largest_weight")
CONTROL_COLUMNS = (*COLUMNS, "ratio", "interval", "fits", "keeps_direction", "placebo_date_p")
PATH_COLUMNS = ("kind", "start", "time", "donor")
LARGE_WEIGHT = 0.5


def synthetic_control_programme(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    never: float | str | None = None,
    confidence: float = 0.95,
    measure: str = "",
    paths: bool = False,
) -> Estimate:
    """Compare each territory of a programme with the mix of untreated territories that lived through the same years before.

    Args:
        frame: one row per territory and period, complete: the treated territories and those they may be compared with, no others.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        first_treated: column of the first treated period; missing or infinite when never treated.
        never: another code for never treated in `first_treated`.
        confidence: level of the intervals.
        measure: unit of the effect.
        paths: also give every path, in the check `paths`: the gap of each period (`kind` is `gap`), the weights of the donors (`weight`)
            and, by date, the gaps of every comparison territory in its turn (`placebo`).

    Returns:
        The mean of the gaps of all treated territories, without an interval: the territories share their donors. `table` has one row
        per treated territory, the same figures as `synthetic_control` gives for it alone: mean gap, interval, rank p-value, number of
        comparison territories `n`, `start`, `rmspe_before`, how many `donors` weigh, the largest one, `ratio`, what the `interval` holds
        (`constant` or `mean` effects; `few` placebos, or donors followed too `perfect`ly, give none), whether the mix `fits`,
        whether the gap `keeps_direction` when any donor is left out, and the p-value with an invented earlier date. The check
        `placebos` has the gap and ratio of every comparison territory at every date.

    Raises:
        StatsError: an incomplete panel, a date that changes, fewer than two periods before a date, fewer than two untreated territories.

    When not to use it: as `synthetic_control`. A small p-value is one among many: adjust the column before naming territories.
    Assumption: as `synthetic_control`, for each territory.
    Formula: as `synthetic_control`; a placebo rests on the untreated territories only, so those of a date serve all its territories.
    Source: Abadie, Diamond & Hainmueller (2010) JASA 105; Firpo & Possebom (2018); Cavallo et al. (2013) for many treated units.

    Example:
        >>> import pandas as pd
        >>> first = {"q0": 5, "q1": 6}
        >>> rows = [(f"q{u}", t, first.get(f"q{u}"), u + t * (u % 3) + (u * t) % 2) for u in range(9) for t in range(8)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> found = synthetic_control_programme(frame, outcome="rate", unit="place", time="year", first_treated="start")
        >>> found.table["term"].tolist()
        ['q0', 'q1']
    """
    level = confidence_level(confidence)
    plan = read_programme(frame, outcome=outcome, unit=unit, time=time, first_treated=first_treated, never=never)
    rows: list[Row] = []
    placebos: list[Row] = []
    followed: list[Row] = []
    for cohort in plan.cohorts:
        pool = Pool(plan.times, cohort.before, plan.donors, np.empty((len(plan.donors), 0)))
        mixes = [mixed(pool, target, np.empty(0)) for target in cohort.rows]
        rows += control_rows(plan, cohort, mixes, level)
        effects = pool.placebos[:, ~cohort.before].mean(axis=1)
        placebos += placebo_rows(plan, cohort, effects, pool.ratios)
        if paths:
            followed += path_rows(plan, cohort, mixes, pool)
    found = programme_estimate(
        "synthetic_control_programme", plan, table(sorted(rows, key=itemgetter("term")), CONTROL_COLUMNS),
        table(placebos, ("start", "ratio")), level, measure, fit_before(rows),
    )  # fmt: skip
    if not paths:
        return found
    said = msg("the gap of every period is kept, for the territories and for their placebos")
    return replace(found, checks=(*found.checks, Check("paths", None, said, table(followed, PATH_COLUMNS))))


def synthetic_did_programme(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    never: float | str | None = None,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Compare the change of each territory of a programme with the change of its own weighted mix, over weighted years.

    Args:
        frame: as in `synthetic_control_programme`, like the other arguments.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        first_treated: column of the first treated period.
        never: another code for never treated.
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        The mean of the effects of all treated territories, without an interval. `table` has one row per treated territory: effect
        (that of `synthetic_did` for it alone), `se` (deviation of the placebo effects of its date), interval and p-value from its rank
        among them, number of comparison territories `n`, `start`, `rmspe_before` (of the gaps around their mean), how many `donors`
        weigh and the largest one. The check `placebos` has every placebo effect.

    Raises:
        StatsError: as `synthetic_control_programme`.

    When not to use it: as `synthetic_did`. A small p-value is one among many: adjust the column before naming territories.
    Assumption: as `synthetic_did`, for each territory.
    Formula: as `synthetic_did`. Each placebo begins from equal weights, as each territory does, and so serves all territories of its
    date; `synthetic_did` begins its placebos from the weights of the territory, as the authors' program does: the iterations stop at
    the same tolerance but not at the same last digits.
    Source: Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021) AER 111, applied date by date (their § 8, staggered adoption).

    Example:
        >>> import pandas as pd
        >>> first = {"q0": 5, "q1": 6}
        >>> rows = [(f"q{u}", t, first.get(f"q{u}"), u + t * (u % 3) + (u * t) % 2) for u in range(9) for t in range(8)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> found = synthetic_did_programme(frame, outcome="rate", unit="place", time="year", first_treated="start")
        >>> found.table["term"].tolist()
        ['q0', 'q1']
    """
    level = confidence_level(confidence)
    plan = read_programme(frame, outcome=outcome, unit=unit, time=time, first_treated=first_treated, never=never)
    rows: list[Row] = []
    placebos: list[Row] = []
    alone = [[j] for j in range(len(plan.donors))]
    for cohort in plan.cohorts:
        noise = noise_level(plan.donors, cohort.before)
        effects = placebo_effects(plan.donors, cohort.before, alone, noise)
        rows += difference_rows(plan, cohort, noise, effects, level)
        placebos += placebo_rows(plan, cohort, effects, None)
    largest = max(rows, key=lambda row: (row["largest_weight"], row["term"]))
    return programme_estimate(
        "synthetic_did_programme", plan, table(sorted(rows, key=itemgetter("term")), COLUMNS),
        table(placebos, ("start", "ratio")), level, measure,
        judged(
            "several donors",
            largest["largest_weight"] < LARGE_WEIGHT,
            msg("no single donor weighs half of a mix or more"),
            msg("one donor weighs half or more of the mix of {name}", name=largest["term"]),
        ),
    )  # fmt: skip
