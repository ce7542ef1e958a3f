"""Checks that take something away: a donor, a territory, the places around."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats._inputs import Row, judged, labels, need_columns, shown, table
from evalkit.stats.checks.names import DONOR, INFLUENCE, SPILLOVER, named, some
from evalkit.stats.differences import did
from evalkit.stats.panel.data import treatment_dates
from evalkit.stats.panel.estimation import effect_alone
from evalkit.stats.panel.request import Request
from evalkit.stats.rings import spillover
from evalkit.stats.synthetic import synthetic_control
from evalkit.text import msg

FOLDS = 60
"""Most groups left out in turn: beyond, treated territories are left out in groups of equal size, in the order of their names."""


_NOT_OF_THE_EFFECT = frozenset({"measure", "confidence", "seed", "inference"})


def check_donors(
    frame: pd.DataFrame, *, outcome: str, unit: str, time: str, treated: str, start: float, **arguments: Any
) -> Check:
    """Say whether the gap of a synthetic control hangs on one donor.

    Args:
        frame: as in `synthetic_control`, like the other arguments.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        treated: column of 0 and 1, or the code of the territory.
        start: first treated period.
        arguments: the other arguments of `synthetic_control`.

    Returns:
        Passed where the gap keeps its direction whichever donor is left out; `table` has the gap without each donor that has a weight.

    Raises:
        StatsError: as `synthetic_control`.

    When not to use it: it says nothing of donors that were touched by the programme.
    Assumption: as `synthetic_control`.
    Formula: the weights are fitted again without each donor in turn.
    Source: Abadie, Diamond & Hainmueller (2015) AJPS 59.

    Example:
        >>> import pandas as pd
        >>> rows = [(f"q{u}", t, u + t * (u % 3) + 3 * (u == 0 and t > 4) + (u * t) % 2) for u in range(8) for t in range(8)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "rate"])
        >>> check_donors(frame, outcome="rate", unit="place", time="year", treated="q0", start=5).name
        'leave one donor out'
    """
    found = synthetic_control(
        frame, outcome=outcome, unit=unit, time=time, treated=treated, start=start, **arguments
    )  # fmt: skip
    return named(found, DONOR)


def check_influence(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    never: float | str | None = None,
    **arguments: Any,
) -> Check:
    """Say whether the effect rests on one treated territory: the range of the effect when each is left out in turn.

    Args:
        frame: as in `did`, like the other arguments.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        first_treated: column of the first treated period.
        never: another code for never treated.
        arguments: the other arguments of `did`.

    Returns:
        Passed where the effect keeps its sign and no territory moves it by more than one standard error; None with one treated territory.
        `table` has the effect without each territory (without each group of them beyond 60).

    Raises:
        StatsError: as `did`.

    When not to use it: to choose which territories to keep.
    Assumption: as `did`.
    Formula: `did` without each treated territory in turn; `|b − b₍₋ᵢ₎| ≤ se`.
    Source: Belsley, Kuh & Welsch (1980); Young (2022) European Economic Review 147.

    Example:
        >>> import pandas as pd
        >>> rows = [(u, t, 2003 if u < 4 else None, u + t + (u * t) % 3 + 2 * (u < 4 and t > 2002)) for u in range(10) for t in range(2000, 2006)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> check_influence(frame, outcome="rate", unit="place", time="year", first_treated="start").passed
        True
    """
    need_columns(frame, outcome, unit, time, first_treated)
    names: dict[str, Any] = {
        "outcome": outcome,
        "unit": unit,
        "time": time,
        "first_treated": first_treated,
        "never": never,
    }
    whole = did(frame, **names, **arguments)
    who = labels(frame, unit)
    dates = treatment_dates(frame[first_treated], never)
    treated = sorted({name for name, first in zip(who, dates, strict=True) if np.isfinite(first)}, key=str)
    if len(treated) < 2:
        return Check(INFLUENCE, None, msg("there is one treated territory only: its influence cannot be told"))
    rows: list[Row] = []
    for group in np.array_split(np.array(treated, dtype=object), min(FOLDS, len(treated))):
        gone = set(group.tolist())
        try:
            value, n = _effect(frame.loc[[name not in gone for name in who]], names, arguments)
        except StatsError:
            return Check(
                INFLUENCE,
                False,
                msg(
                    "without {names} the effect cannot be estimated any more", names=some([str(name) for name in group])
                ),
            )
        rows.append({"term": some([str(name) for name in group]), "value": value, "n": n})
    values = np.array([float(row["value"]) for row in rows])
    steady = bool((values * whole.value > 0).all()) or whole.crosses_zero
    close = whole.se is None or bool((np.abs(values - whole.value) <= whole.se).all())
    limits = {
        "low": shown(float(values.min()), whole.unit, signed=True),
        "high": shown(float(values.max()), whole.unit, signed=True),
    }
    return judged(
        INFLUENCE,
        steady and close,
        msg("whichever territory is left out, the effect stays between {low} and {high}", **limits),
        msg("the effect hangs on one territory: it runs from {low} to {high} as each is left out", **limits),
        table(rows),
    )  # fmt: skip


def _effect(frame: pd.DataFrame, names: dict[str, Any], arguments: dict[str, Any]) -> tuple[float, int | None]:
    """Return the effect and the number of territories; how sure it is need not be told again, where `did` has nothing to choose."""
    if not set(arguments) <= _NOT_OF_THE_EFFECT:
        found = did(frame, **names, **{**arguments, "inference": "analytic"})
        return found.value, found.n
    request = Request(
        **names, method="callaway_santanna", aggregation="simple", covariates=(), weights=None, cluster=None, control="never",
        balance=None, inference="analytic", seed=0, treated=None, level=0.95, measure="",
    )  # fmt: skip
    return effect_alone(frame, request)


def check_spillover(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    distance: str,
    start: float,
    rings: Sequence[float],
    **arguments: Any,
) -> Check:
    """Say whether the places around the programme moved too.

    Args:
        frame: as in `spillover`, like the other arguments.
        outcome: column of the outcome.
        unit: column of the place.
        time: column of the period.
        distance: column of the distance to the nearest treated place, 0 inside.
        start: first period of the programme.
        rings: outer limits of the rings.
        arguments: the other arguments of `spillover`.

    Returns:
        Passed where no ring moved (at 5% over all rings); `table` has the effect inside and in each ring. None where no test can be made.

    Raises:
        StatsError: as `spillover`.

    When not to use it: when the programme reaches beyond the last ring.
    Assumption: as `spillover`.
    Formula: one difference in differences per ring, Bonferroni over the rings.
    Source: Butts (2023); Mayer, Mayneris & Py (2017).

    Example:
        >>> import pandas as pd
        >>> rows = [(u, t, 200 * (u % 5), u + t + (u * t) % 3) for u in range(25) for t in range(6)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "metres", "rate"])
        >>> check_spillover(frame, outcome="rate", unit="place", time="year", distance="metres", start=3, rings=[400]).name
        'no spillover'
    """
    found = spillover(
        frame, outcome=outcome, unit=unit, time=time, distance=distance, start=start, rings=rings, **arguments
    )  # fmt: skip
    check = named(found, SPILLOVER)
    if found.table is None or not found.table["p_value"].iloc[1:].notna().any():
        return Check(SPILLOVER, None, msg("the places around are too few to tell whether they moved"), found.table)
    return Check(check.name, check.passed, check.sentence, found.table)
