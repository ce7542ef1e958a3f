"""How long supported structures or jobs last: Kaplan-Meier, differences between groups, log-rank test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Row,
    Vector,
    bound,
    column,
    confidence_level,
    enough,
    judged,
    labels,
    none_negative,
    positive,
    shown,
    table,
    vector,
)
from evalkit.stats._laws import chi2_p, normal_p, two_sided_z
from evalkit.text import Message, msg

FEW_AT_RISK = 10


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: times of events, survival after each, Greenwood sum, numbers at risk and of events."""

    times: Vector
    survival: Vector
    greenwood: Vector
    at_risk: Vector
    events: Vector
    durations: Vector

    def at(self, time: float, z: float) -> Row | None:
        """Return the row of one time, or None when nobody was followed that long."""
        if time > self.durations.max() and (len(self.survival) == 0 or self.survival[-1] > 0):
            return None
        i = int(np.searchsorted(self.times, time, side="right")) - 1
        s, g = (1.0, 0.0) if i < 0 else (float(self.survival[i]), float(self.greenwood[i]))
        low, high = log_log_limits(s, g, z)
        return {
            "value": s, "se": s * math.sqrt(g) if s > 0 else None, "lower": low, "upper": high,
            "n": len(self.durations), "time": time, "at_risk": int((self.durations >= time).sum()),
        }  # fmt: skip


def kaplan_meier(durations: Vector, events: Vector) -> Curve:
    """Return the curve; an event and an end of observation at the same time count the event first."""
    times = np.unique(durations[events == 1])
    at_risk = np.array([(durations >= t).sum() for t in times], dtype=float)
    died = np.array([((durations == t) & (events == 1)).sum() for t in times], dtype=float)
    left = at_risk - died
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(np.where(left > 0, died / (at_risk * np.where(left > 0, left, 1)), np.inf))
    return Curve(times, np.cumprod(left / at_risk), greenwood, at_risk, died, durations)


def log_log_limits(survival: float, greenwood: float, z: float) -> tuple[float | None, float | None]:
    """Return the log(−log) limits, which stay between 0 and 1; none at 0 or 1, where the method gives none."""
    if not 0 < survival < 1:
        return None, None
    half = z * math.sqrt(greenwood) / abs(math.log(survival))
    return survival ** math.exp(half), survival ** math.exp(-half)


def log_rank(durations: Vector, events: Vector, groups: NDArray[np.object_]) -> tuple[float, int]:
    """Return the log-rank chi-squared statistic and its degrees of freedom."""
    names = sorted(set(groups.tolist()), key=str)
    times = np.unique(durations[events == 1])
    risk, died = (np.empty((len(times), len(names))) for _ in range(2))
    for column_of, name in enumerate(names):
        lasted, closed = np.sort(durations[groups == name]), np.sort(durations[(groups == name) & (events == 1)])
        risk[:, column_of] = len(lasted) - np.searchsorted(lasted, times, side="left")
        died[:, column_of] = np.searchsorted(closed, times, "right") - np.searchsorted(closed, times, "left")
    n, d = risk.sum(axis=1), died.sum(axis=1)
    gap = (died - risk * (d / n)[:, None]).sum(axis=0)
    several = n > 1
    weight = d[several] * (n - d)[several] / (n - 1)[several]
    share = risk[several] / n[several, None]
    covariance = np.diag((weight[:, None] * share).sum(axis=0)) - (weight[:, None] * share).T @ share
    inverse = np.linalg.pinv(covariance[:-1, :-1])
    return float(gap[:-1] @ inverse @ gap[:-1]), len(names) - 1


def survival(
    frame: pd.DataFrame,
    *,
    duration: str,
    event: str,
    group: str | None = None,
    at: Sequence[float] = (3, 5),
    confidence: float = 0.95,
) -> Estimate:
    """Say which share of the structures (or jobs) is still there after 3 and 5 years, and whether groups differ.

    Args:
        frame: one row per structure.
        duration: column of time observed, in years.
        event: column: 1 closed, 0 still open when last seen.
        group: column of two groups or more (supported, refused).
        at: the years at which the share is stated.
        confidence: level of the intervals.

    Returns:
        Without group, or with more than two: the share still there at the last stated year that was observed. With two groups: the
        difference at that year, first group in alphabetical order minus the second. `p_value` is the log-rank test.
        `table`: `kind` is `stated`, `difference` or `curve`, with the columns `group`, `time`, `at_risk`.

    Raises:
        StatsError: an event other than 0 or 1, a negative duration, one group only, nobody followed to the first stated year.

    When not to use it: when structures are lost from sight because they are about to close (informative censoring).
    Assumption: those no longer observed would have lived as long as the others.
    Formula: `S(t) = Π(1 − dᵢ/nᵢ)`, Greenwood variance, log(−log) limits; difference by the limits of both (MOVER).
    Source: Kaplan & Meier (1958) JASA 53; Kalbfleisch & Prentice (2002); Zou & Donner (2008); Peto & Peto (1972).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"years": [1, 2, 4, 5, 5, 6], "closed": [1, 1, 0, 1, 0, 0]})
        >>> round(survival(frame, duration="years", event="closed", at=[3]).value, 3)
        0.667
    """
    level, years = confidence_level(confidence), vector(at, "at")
    lasted, ended = column(frame, duration), column(frame, event)
    none_negative(lasted, duration)
    enough(len(lasted), 2, msg("structures to follow"))
    odd = ended[(ended != 0) & (ended != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=event, value=shown(odd[0]))
    enough(len(years), 1, msg("stated years"))
    positive(years.min(), "at")
    groups = np.full(len(lasted), "all", dtype=object) if group is None else labels(frame, group)
    names = sorted(set(groups.tolist()), key=str)
    if group is not None:
        enough(len(names), 2, msg("groups to compare"))
    z = two_sided_z(level)
    curves = {g: kaplan_meier(lasted[groups == g], ended[groups == g]) for g in names}
    everyone = kaplan_meier(lasted, ended)
    seen = [t for t in sorted(years) if all(c.at(t, z) is not None for c in (*curves.values(), everyone))]
    enough(len(seen), 1, msg("stated years up to which every group was followed"))
    stated = [
        {"term": f"{g} {t:g}", "kind": "stated", "group": str(g), **(curves[g].at(t, z) or {})}
        for t in seen
        for g in names
    ]
    gaps = [_difference(curves, names, t, z) for t in seen] if len(names) == 2 else []
    focus = gaps[-1] if gaps else {**(everyone.at(seen[-1], z) or {})}
    statistic, df = log_rank(lasted, ended, groups) if group is not None else (None, None)
    rows = stated + gaps + [row for g in names for row in _curve(g, curves[g])]
    return Estimate(
        value=float(focus["value"]),
        method="kaplan_meier",
        unit="ratio",
        se=_number(focus["se"]) or None,
        lower=_number(focus["lower"]),
        upper=_number(focus["upper"]),
        p_value=None if statistic is None or df is None or not ended.any() else chi2_p(statistic, df),
        confidence=level,
        n=len(lasted),
        table=table(rows, ("kind", "group", "time", "at_risk")),
        checks=_checks(stated, len(seen), len(years)),
        sentence=_sentence(float(focus["value"]), seen[-1], bool(gaps), names),
        details={"at": seen[-1], "log_rank": statistic, "log_rank_df": df, "events": int(ended.sum())},
    )


def _number(value: float | None) -> float | None:
    return None if value is None else bound(value)


def _difference(curves: dict[object, Curve], names: list[object], time: float, z: float) -> Row:
    first, second = (curves[g].at(time, z) or {} for g in names)
    a, b = float(first["value"]), float(second["value"])
    errors, limits = (
        [_number(r["se"]) for r in (first, second)],
        [_number(r[k]) for r in (first, second) for k in ("lower", "upper")],
    )
    la, ua, lb, ub = limits
    se = math.hypot(*(e for e in errors if e is not None)) if None not in errors else None
    known = la is not None and ua is not None and lb is not None and ub is not None
    return {
        "term": f"{names[0]} - {names[1]} {time:g}", "kind": "difference", "value": a - b, "se": se,
        "lower": a - b - math.hypot(a - (la or 0), (ub or 0) - b) if known else None,
        "upper": a - b + math.hypot((ua or 0) - a, b - (lb or 0)) if known else None,
        "p_value": normal_p((a - b) / se) if se else None, "n": int(first["n"]) + int(second["n"]), "time": time,
    }  # fmt: skip


def _curve(group: object, curve: Curve) -> list[Row]:
    return [
        {
            "term": f"{group} {t:g}",
            "kind": "curve",
            "group": str(group),
            "time": t,
            "value": s,
            "n": d,
            "at_risk": int(r),
        }
        for t, s, d, r in zip(curve.times, curve.survival, curve.events.astype(int), curve.at_risk, strict=True)
    ]


def _checks(stated: list[Row], seen: int, asked: int) -> tuple[Check, ...]:
    fewest = min(int(row["at_risk"]) for row in stated)
    return (
        judged(
            "enough at risk",
            fewest >= FEW_AT_RISK,
            msg("at least ten structures are still observed at each stated year"),
            msg("fewer than ten structures are still observed at a stated year"),
        ),
        judged(
            "followed long enough",
            seen == asked,
            msg("every group was followed up to the last stated year"),
            msg("not every group was followed up to the last stated year, which is left out"),
        ),
    )


def _sentence(value: float, time: float, compared: bool, names: list[object]) -> Message:  # noqa: FBT001 - one wording of two
    if compared:
        return msg(
            "after {time}, {first} differ from {second} by {gap}",
            time=shown(time, "years", 0), first=str(names[0]), second=str(names[1]), gap=shown(100 * value, "point", signed=True),
        )  # fmt: skip
    return msg(
        "after {time}, {share} are still there", time=shown(time, "years", 0), share=shown(100 * value, "percent")
    )
