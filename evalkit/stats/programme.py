"""Every territory of a programme against its own mix of untreated ones, with all placebos, the work shared among territories."""

from __future__ import annotations

import math
from collections.abc import Iterator
from operator import itemgetter

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check, Estimate
from evalkit.stats._double_weights import contrasts, noise_level, placebo_effects, time_weights, unit_weights
from evalkit.stats._inputs import Row, Vector, confidence_level, judged, shown, table
from evalkit.stats._mixes import SMALL_WEIGHT, Pool, mixed
from evalkit.stats._placebo import Cohort, Programme, critical, needed_placebos, rank, read_programme
from evalkit.text import Quantity, msg

COLUMNS = ("start", "rmspe_before", "donors", "largest_donor", "largest_weight")
CONTROL_COLUMNS = (*COLUMNS, "ratio", "fits", "keeps_direction", "placebo_date_p")
NAMED = 10
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

    Returns:
        The mean of the gaps of all treated territories, without an interval: the territories share their donors. `table` has one row
        per treated territory, the same figures as `synthetic_control` gives for it alone: mean gap, interval, rank p-value, number of
        comparison territories `n`, `start`, `rmspe_before`, how many `donors` weigh, the largest one, `ratio`, whether the mix `fits`,
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
    for cohort in plan.cohorts:
        pool = Pool(plan.times, cohort.before, plan.donors, np.empty((len(plan.donors), 0)))
        rows += _control_rows(plan, cohort, pool, level)
        effects = pool.placebos[:, ~cohort.before].mean(axis=1)
        placebos += _placebo_rows(plan, cohort, effects, pool.ratios)
    return _estimate(
        "synthetic_control_programme", plan, table(sorted(rows, key=itemgetter("term")), CONTROL_COLUMNS),
        table(placebos, ("start", "ratio")), level, measure, _fits(rows),
    )  # fmt: skip


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
        rows += _difference_rows(plan, cohort, noise, effects, level)
        placebos += _placebo_rows(plan, cohort, effects, None)
    largest = max(rows, key=lambda row: (row["largest_weight"], row["term"]))
    return _estimate(
        "synthetic_did_programme", plan, table(sorted(rows, key=itemgetter("term")), COLUMNS),
        table(placebos, ("start", "ratio")), level, measure,
        judged(
            "several donors",
            largest["largest_weight"] < LARGE_WEIGHT,
            msg("no single donor weighs half of a mix or more"),
            msg("one donor weighs half or more of the mix of {name}", name=largest["term"]),
        ),
    )  # fmt: skip


def _control_rows(plan: Programme, cohort: Cohort, pool: Pool, level: float) -> Iterator[Row]:
    for name, target in zip(cohort.names, cohort.rows, strict=True):
        mix = mixed(pool, target, np.empty(0))
        lower, upper = mix.limits(level)
        yield {
            "term": name, "value": mix.effect, "lower": lower, "upper": upper, "p_value": mix.p_value, "n": len(plan.donors),
            "rmspe_before": mix.rmspe, "ratio": mix.ratio, "fits": mix.fits, "keeps_direction": mix.keeps_direction,
            "placebo_date_p": None if mix.earlier is None else mix.earlier[1], **_weight_cells(plan, cohort, mix.weights),
        }  # fmt: skip


def _difference_rows(plan: Programme, cohort: Cohort, noise: float, effects: Vector, level: float) -> Iterator[Row]:
    donors, before, size = plan.donors, cohort.before, len(cohort.rows)
    lam = np.tile(time_weights(donors, before, np.ones((1, len(donors))), noise), (size, 1))
    omega = unit_weights(cohort.rows, donors, before, np.ones((size, len(donors)), dtype=bool), noise, 1)
    found, size_of_others = contrasts(cohort.rows, donors, before, omega, lam), np.abs(effects)
    reach = critical(size_of_others, level) if len(effects) >= needed_placebos(level) else None
    rmspe = (cohort.rows - omega @ donors)[:, before].std(axis=1)
    spread = float(effects.std(ddof=1))
    for name, value, weights, early in zip(cohort.names, found.tolist(), omega, rmspe, strict=True):
        yield {
            "term": name, "value": value, "se": spread, "lower": None if reach is None else value - reach,
            "upper": None if reach is None else value + reach, "p_value": rank(abs(value), size_of_others),
            "n": len(donors), "rmspe_before": float(early), **_weight_cells(plan, cohort, weights),
        }  # fmt: skip


def _weight_cells(plan: Programme, cohort: Cohort, weights: Vector) -> Row:
    largest = int(weights.argmax())
    return {
        "start": cohort.date,
        "donors": int((weights > SMALL_WEIGHT).sum()),
        "largest_donor": plan.donor_names[largest],
        "largest_weight": float(weights[largest]),
    }


def _placebo_rows(plan: Programme, cohort: Cohort, effects: Vector, ratios: Vector | None) -> list[Row]:
    shares = [None] * len(effects) if ratios is None else ratios.tolist()
    return [
        {"term": name, "value": effect, "start": cohort.date, "ratio": ratio}
        for name, effect, ratio in zip(plan.donor_names, effects.tolist(), shares, strict=True)
    ]


def _fits(rows: list[Row]) -> Check:
    poor = sorted(str(row["term"]) for row in rows if not row["fits"])
    return judged(
        "fit before",
        not poor,
        msg("the mixes follow every territory before the programme as well as they follow the others"),
        msg(
            "the mixes do not follow {n} territories before the programme ({names})",
            n=Quantity(len(poor)),
            names=", ".join(poor[:NAMED]) + ("…" if len(poor) > NAMED else ""),
        ),
    )


def _estimate(
    method: str, plan: Programme, rows: pd.DataFrame, placebos: pd.DataFrame, level: float, measure: str, check: Check
) -> Estimate:
    """Return the mean of all territories, and how many stand out against how many would by chance."""
    value, count, others = float(rows["value"].mean()), len(rows), len(plan.donors)
    seen = int((rows["p_value"] <= 1 - level + 1e-12).sum())
    chance = math.floor((1 - level) * (others + 1) + 1e-9) / (others + 1) * count
    taken = msg(
        "each of {n} comparison territories took its turn as if treated, at each of {dates} dates",
        n=Quantity(others),
        dates=Quantity(len(plan.cohorts)),
    )
    return Estimate(
        value=value,
        method=method,
        unit=measure,
        confidence=level,
        n=count + others,
        table=rows,
        checks=(check, Check("placebos", None, taken, placebos)),
        sentence=msg(
            "{gap} on average over {n} territories, each against its own mix; {seen} stand out among the placebos, about {chance} would by chance",
            gap=shown(value, measure, signed=True),
            n=Quantity(count),
            seen=Quantity(seen),
            chance=Quantity(round(chance)),
        ),
        details={
            "treated": count,
            "comparisons": others,
            "dates": len(plan.cohorts),
            "standing_out": seen,
            "expected_by_chance": chance,
        },
    )
