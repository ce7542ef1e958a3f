"""Stacked differences in differences: one clean experiment per date of treatment, set on top of each other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Vector, choice, column, confidence_level, enough, judged, labels, need_columns
from evalkit.stats.differences import did, event_study
from evalkit.stats.panel.data import treatment_dates
from evalkit.text import Message, Quantity, msg

CONTROLS = ("never", "not_yet")
NAMED = 10


def stacked_did(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    before: int,
    after: int,
    control: str = "not_yet",
    never: float | str | None = None,
    cluster: str | None = None,
    dynamic: bool = False,
    inference: str | None = None,
    seed: int = 0,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say how much treated territories changed beyond untreated ones over one and the same window around their date of treatment.

    Args:
        frame: one row per territory and period (whole numbers, one apart).
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        first_treated: column of the first treated period; missing when never treated.
        before: periods before treatment in the window (2 or more let trends be checked).
        after: periods after the first treated one in the window (0: that one alone).
        control: comparison with territories `never` treated, or also with those `not_yet` treated at the end of the window.
        never: another code for never treated.
        cluster: column of clusters, by default the territory (one that serves in several experiments counts once).
        dynamic: give the effect by time since treatment, with its pre-trend test.
        inference: as in `did`.
        seed: seed of what is drawn.
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        The mean effect in the window over all treated territories of the experiments. The check `all cohorts used` names the cohorts whose window
        the data do not cover; territories with a gap in the window are left out of that experiment, counted in `details["dropped"]`.

    Raises:
        StatsError: no cohort with a complete window and a comparison, fewer than one period before, a territory twice in a period.

    When not to use it: when the effect sought lies beyond the window; when few cohorts have a complete one.
    Assumption: as `did`, within the window.
    Formula: two-way fixed effects (territory by experiment, time since treatment) on the stacked windows; the comparison group of a cohort is
    weighted to the share of that cohort among the treated, which makes the estimate the mean of the cohorts' differences.
    Source: Cengiz, Dube, Lindner & Zipperer (2019) QJE 134; Wing, Freedman & Hollingsworth (2024) NBER 32054 for the weights.

    Example:
        >>> import pandas as pd
        >>> starts = {0: 2003, 1: 2003, 2: 2004, 3: 2004}
        >>> rows = [(u, t, starts.get(u), u + t + 5 * (t >= starts.get(u, 9999))) for u in range(9) for t in range(2000, 2008)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> found = stacked_did(frame, outcome="rate", unit="place", time="year", first_treated="start", before=2, after=2)
        >>> round(found.value, 6)
        5.0
    """
    confidence_level(confidence)
    choice(control, "control", CONTROLS)
    enough(before, 1, msg("periods before"))
    need_columns(frame, outcome, unit, time, first_treated, cluster)
    if frame.duplicated([unit, time]).any():
        example = frame.loc[frame.duplicated([unit, time]), [unit, time]].iloc[0]
        raise StatsError.of(codes.REPEATED, name=f"{unit}, {time}", example=", ".join(str(cell) for cell in example))
    rows = pd.DataFrame({
        "who": labels(frame, unit), "when": column(frame, time), "first": treatment_dates(frame[first_treated], never),
        "y": pd.to_numeric(frame[outcome], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan),
        "group": labels(frame, cluster or unit),
    })  # fmt: skip
    stack, left, dropped = _stack(rows, before, max(0, after), control)
    names = {
        "outcome": "y",
        "unit": "copy",
        "time": "since",
        "first_treated": "start",
        "weights": "load",
        "cluster": "group",
    }
    common = {"method": "twfe", "inference": inference, "seed": seed, "confidence": confidence, "measure": measure}
    found = (event_study if dynamic else did)(stack, **names, **common)  # type: ignore[arg-type]
    details = {**found.details, "cohorts": int(stack["cohort"].nunique()), "dropped": dropped}
    used = judged(
        "all cohorts used",
        not left and dropped == 0,
        msg("every cohort and territory has a complete window"),
        msg(
            "cohorts without a complete window or comparison: {cohorts}; territories left out for a gap: {n}",
            cohorts=_named(left), n=Quantity(dropped),
        ),
    )  # fmt: skip
    return _renamed(found, details, used)


def _renamed(found: Estimate, details: dict[str, float | int | str | None], used: Check) -> Estimate:
    from dataclasses import replace

    return replace(found, method="stacked", details=details, checks=(used, *found.checks[1:]))


def _named(left: list[float]) -> str | Message:
    if not left:
        return "0"
    return ", ".join(f"{g:g}" for g in left[:NAMED]) + ("…" if len(left) > NAMED else "")


def _stack(rows: pd.DataFrame, before: int, after: int, control: str) -> tuple[pd.DataFrame, list[float], int]:
    """Return the windows of all cohorts on top of each other, the cohorts without one, and how many territories had a gap."""
    parts, left, dropped = [], [], 0
    last, early = float(rows["when"].max()), float(rows["when"].min())
    for first in sorted(float(g) for g in rows["first"].unique() if np.isfinite(g)):
        if first > last or first <= early:
            continue
        window = rows[(rows["when"] >= first - before) & (rows["when"] <= first + after)]
        clean = np.isinf(window["first"]) | ((window["first"] > first + after) & (control == "not_yet"))
        part = window[(window["first"] == first) | clean].dropna(subset=["y"])
        whole = part.groupby("who")["when"].transform("size") == before + after + 1
        dropped += int(
            window.loc[(window["first"] == first) | clean, "who"].nunique() - part.loc[whole, "who"].nunique()
        )
        part = part.loc[whole]
        mine = part["first"] == first
        if not mine.any() or mine.all():
            left.append(first)
            continue
        start: Vector = np.where(mine, 0.0, np.nan)
        copy = part["who"].astype(str) + f"\x1f{first:g}"
        parts.append(part.assign(cohort=first, since=part["when"] - first, start=start, copy=copy, mine=mine))
    if not parts:
        raise StatsError.of(
            codes.TOO_FEW, what=msg("cohorts with a complete window"), n=Quantity(0), needed=Quantity(1)
        )
    stack = pd.concat(parts, ignore_index=True)
    treated, others = (stack[stack["mine"] == side].groupby("cohort")["copy"].nunique() for side in (True, False))
    share = (treated / treated.sum()) / (others / others.sum())
    return stack.assign(load=np.where(stack["mine"], 1.0, stack["cohort"].map(share))), left, dropped
