"""Treated and untreated territories of a synthetic control, and what ranks among placebos say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.stats._inputs import Matrix, Vector, column, enough, labels, need_columns, vector
from evalkit.stats.panel.data import treatment_dates
from evalkit.stats.panel.places import find_places
from evalkit.stats.panel.status import NAMED, read_block
from evalkit.text import msg


@dataclass(frozen=True)
class Design:
    """Mean outcome of the treated, outcomes of the donors (one row each), their means of extra predictors, which periods are before."""

    times: Vector
    before: NDArray[np.bool_]
    treated: Vector
    treated_rows: Matrix
    donors: Matrix
    names: list[str]
    treated_extra: Vector
    donors_extra: Matrix


def read_design(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    start: float,
    extra: Sequence[str] | None = None,
) -> Design:
    """Return the design of a long frame; `treated` is a column of 0 and 1 or the code of one territory."""
    need_columns(frame, outcome, unit, time, *(extra or ()))
    who = labels(frame, unit)
    flags = column(frame, treated) if treated in frame.columns else (who.astype(str) == str(treated)).astype(float)
    block = read_block(
        frame.assign(**{"treated here": flags}), outcome=outcome, unit=unit, time=time, treated="treated here"
    )
    chosen, before = block.status.any(axis=1), block.times < vector([start], "start")[0]
    enough(int(chosen.sum()), 1, msg("treated territories"))
    enough(int((~chosen).sum()), 2, msg("comparison territories"))
    enough(int(before.sum()), 2, msg("periods before"))
    enough(int((~before).sum()), 1, msg("periods after"))
    means = np.empty((len(block.units), 0))
    if extra:
        early = frame.loc[column(frame, time) < start]
        means = np.column_stack(
            [vector(early.groupby(unit)[name].mean().reindex(list(block.units)), name) for name in extra]
        )
    return Design(
        block.times, before, block.outcome[chosen].mean(axis=0), block.outcome[chosen], block.outcome[~chosen],
        [str(name) for name in block.units[~chosen]], means[chosen].mean(axis=0), means[~chosen],
    )  # fmt: skip


@dataclass(frozen=True)
class Cohort:
    """The territories first treated at one date: `rows` are their outcomes, `before` the periods before the date."""

    date: float
    before: NDArray[np.bool_]
    names: list[str]
    rows: Matrix


@dataclass(frozen=True)
class Programme:
    """Territories treated at different dates, by date, and the territories never treated."""

    times: Vector
    cohorts: list[Cohort]
    donors: Matrix
    donor_names: list[str]


def read_programme(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, first_treated: str, never: float | str | None = None
) -> Programme:
    """Return the cohorts of a long frame, complete in every period; dates after the last period count as never.

    Raises:
        StatsError: a territory with gaps, a date of treatment that changes, a cohort with fewer than two periods before.
    """
    need_columns(frame, outcome, unit, time, first_treated)
    dates = treatment_dates(frame[first_treated], never)
    dates = find_places(frame, unit, time).per_unit(dates, first_treated)
    block = read_block(
        frame.assign(**{"treated here": 0.0}), outcome=outcome, unit=unit, time=time, treated="treated here"
    )
    dates = np.where(dates > block.times[-1], np.inf, dates)
    enough(int(np.isfinite(dates).sum()), 1, msg("treated territories"))
    enough(int(np.isinf(dates).sum()), 2, msg("comparison territories"))
    names = [str(name) for name in block.units]
    cohorts = []
    for date in np.unique(dates[np.isfinite(dates)]):
        inside, before = np.flatnonzero(dates == date), block.times < date
        mine = [names[i] for i in inside]
        shown = ", ".join(mine[:NAMED]) + ("…" if len(mine) > NAMED else "")
        enough(int(before.sum()), 2, msg("periods before {date} ({names})", date=f"{date:g}", names=shown))
        cohorts.append(Cohort(float(date), before, mine, block.outcome[inside]))
    spare = np.flatnonzero(np.isinf(dates))
    return Programme(block.times, cohorts, block.outcome[spare], [names[i] for i in spare])


def needed_placebos(level: float) -> int:
    """Return how many placebos an interval of this level asks for: 19 at 95%."""
    return math.ceil(round(1 / (1 - level), 9)) - 1


def rank(own: float, others: Vector) -> float:
    """Return the exact p-value: the share, among all, of those at least as large as one's own."""
    return float((1 + (others >= own * (1 - 1e-12)).sum()) / (1 + len(others)))


def critical(others: Vector, level: float) -> float:
    """Return the largest value that the rank test does not reject."""
    place = math.floor((1 - level) * (len(others) + 1) + 1e-9)
    return float(np.sort(others)[len(others) - place])
