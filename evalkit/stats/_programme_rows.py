"""The rows of a programme: each territory at its date, each comparison territory in its turn, and what they sum up to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Check, Estimate
from evalkit.stats._double_weights import contrasts, time_weights, unit_weights
from evalkit.stats._inputs import Row, Vector, judged, shown
from evalkit.stats._mixes import SMALL_WEIGHT, Mix, Pool
from evalkit.stats._placebo import Cohort, Programme, critical, needed_placebos, rank
from evalkit.text import Quantity, msg

NAMED = 10


def control_rows(plan: Programme, cohort: Cohort, mixes: Sequence[Mix], level: float) -> Iterator[Row]:
    """Yield the row of each territory of a date under synthetic control."""
    for name, mix in zip(cohort.names, mixes, strict=True):
        limits = mix.limits(level)
        yield {
            "term": name, "value": mix.effect, "lower": limits.lower, "upper": limits.upper, "p_value": mix.p_value, "n": len(plan.donors),
            "rmspe_before": mix.rmspe, "ratio": mix.ratio, "interval": limits.kind, "fits": mix.fits, "keeps_direction": mix.keeps_direction,
            "placebo_date_p": None if mix.earlier is None else mix.earlier[1], **_weight_cells(plan, cohort, mix.weights),
        }  # fmt: skip


def difference_rows(plan: Programme, cohort: Cohort, noise: float, effects: Vector, level: float) -> Iterator[Row]:
    """Yield the row of each territory of a date under synthetic differences."""
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


def path_rows(plan: Programme, cohort: Cohort, mixes: Sequence[Mix], pool: Pool) -> Iterator[Row]:
    """Yield the gap of each period and the weights of each territory, then the gaps of every comparison territory at this date."""
    for name, mix in zip(cohort.names, mixes, strict=True):
        for period, gap in zip(plan.times, mix.gap, strict=True):
            yield {"term": name, "value": gap, "kind": "gap", "start": cohort.date, "time": period}
        for place in np.argsort(-mix.weights, kind="stable"):
            if mix.weights[place] > SMALL_WEIGHT:
                donor = plan.donor_names[place]
                yield {
                    "term": name,
                    "value": mix.weights[place],
                    "kind": "weight",
                    "start": cohort.date,
                    "donor": donor,
                }
    for name, gaps in zip(plan.donor_names, pool.placebos, strict=True):
        for period, gap in zip(plan.times, gaps, strict=True):
            yield {"term": name, "value": gap, "kind": "placebo", "start": cohort.date, "time": period}


def _weight_cells(plan: Programme, cohort: Cohort, weights: Vector) -> Row:
    largest = int(weights.argmax())
    return {
        "start": cohort.date,
        "donors": int((weights > SMALL_WEIGHT).sum()),
        "largest_donor": plan.donor_names[largest],
        "largest_weight": float(weights[largest]),
    }


def placebo_rows(plan: Programme, cohort: Cohort, effects: Vector, ratios: Vector | None) -> list[Row]:
    """Return the effect of each comparison territory in its turn."""
    shares = [None] * len(effects) if ratios is None else ratios.tolist()
    return [
        {"term": name, "value": effect, "start": cohort.date, "ratio": ratio}
        for name, effect, ratio in zip(plan.donor_names, effects.tolist(), shares, strict=True)
    ]


def fit_before(rows: list[Row]) -> Check:
    """Say whether every mix follows its territory before the programme."""
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


def programme_estimate(
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
