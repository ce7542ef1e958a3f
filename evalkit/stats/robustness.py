"""What remains of an effect when trends were not quite parallel."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._honest import Course, relative_accepts, relative_interval
from evalkit.stats._inputs import (
    Row,
    Vector,
    choice,
    confidence_level,
    enough,
    judged,
    none_negative,
    same_length,
    shown,
    table,
    vector,
)
from evalkit.stats._laws import two_sided_z
from evalkit.stats._smooth import smooth_interval
from evalkit.text import Message, msg

KINDS = ("relative_magnitude", "smoothness")
RELATIVE = (0.5, 1.0, 1.5, 2.0)
SMOOTH = (0.0, 0.25, 0.5, 1.0)
MOST_LATE = 8


def sensitivity(
    event_study_estimate: Estimate,
    kind: str = "smoothness",
    *,
    bounds: Sequence[float] | None = None,
    weights: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Say how much trends may have differed before the conclusion falls.

    Args:
        event_study_estimate: what `event_study` returned, with a common reference (`twfe`, `sun_abraham`, or `callaway_santanna`
            with `base="universal"`).
        kind: `smoothness`: the slope of the difference of trends changes by at most M a period; `relative_magnitude`: no step after treatment
            exceeds M times the largest step before.
        bounds: values of M; by default 0.5 to 2 (`relative_magnitude`), or 0 to 1 standard error (`smoothness`).
        weights: weights of the effects after treatment; by default the first one alone.
        confidence: level of the intervals.

    Returns:
        The effect asked for with its usual interval; `table` has one row per bound with the interval that allows for it;
        `details["breakdown"]` is the largest bound at which zero stays outside (None when zero is inside from the start).

    Raises:
        StatsError: no period before, a varying reference, gaps in the periods, more than eight periods after
            (`relative_magnitude`).

    When not to use it: as a proof of parallel trends. It measures how much has to be believed.
    Assumption: normal estimates with the stated covariance; the deviation lies in the family.
    Formula: `smoothness`: shortest affine interval of fixed length; `relative_magnitude`: union over the largest step before of
    conditional least-favourable hybrid tests (first stage at a tenth of the level).
    Source: Rambachan & Roth (2023) Review of Economic Studies 90; Andrews, Roth & Pakes (2023).

    Example:
        >>> import numpy as np, pandas as pd
        >>> terms = ["-2", "0"]
        >>> table = pd.DataFrame({"term": terms, "value": [0.1, 4.0]})
        >>> covariance = pd.DataFrame(0.25 * np.eye(2), index=terms, columns=terms)
        >>> study = Estimate(value=4.0, method="twfe", table=table, covariance=covariance, details={"base": "universal"})
        >>> sensitivity(study, bounds=[0.0, 0.5]).table["lower"].is_monotonic_decreasing
        True
    """
    choice(kind, "kind", KINDS)
    level = confidence_level(confidence)
    course = _course(event_study_estimate, weights)
    if kind == "relative_magnitude" and course.late > MOST_LATE:
        raise StatsError.of(codes.NO_CHOICE, value=course.late, name="event_study_estimate", choices=f"1 … {MOST_LATE}")
    tried = vector(bounds if bounds is not None else _usual(kind, course.se), "bounds")
    enough(len(tried), 1, msg("bounds"))
    none_negative(tried, "bounds")
    interval: Callable[[float], tuple[float, float]] = (
        (lambda m: smooth_interval(course, m, level))
        if kind == "smoothness"
        else (lambda m: relative_interval(course, m, level))
    )
    rows: list[Row] = []
    for m in tried:
        low, high = interval(float(m))
        rows.append({"term": f"{m:g}", "value": course.value, "lower": low, "upper": high, "bound": m})
    half = two_sided_z(level) * course.se
    breakdown = _breakdown(_apart(course, kind, level), max(float(row["bound"]) for row in rows))
    unit = event_study_estimate.unit
    return Estimate(
        value=course.value,
        method=kind,
        unit=unit,
        se=course.se,
        lower=course.value - half,
        upper=course.value + half,
        confidence=level,
        n=event_study_estimate.n,
        table=table(rows, ("bound",)),
        checks=(
            judged(
                "robust to differing trends",
                breakdown is not None and (kind == "smoothness" or breakdown >= 1),
                msg("the conclusion holds although trends were allowed to differ"),
                msg("the conclusion falls when trends are allowed to differ"),
            ),
        ),
        sentence=_sentence(kind, breakdown, unit),
        details={"breakdown": breakdown},
    )


def breakdown_bound(
    estimate: Estimate, kind: str, weights: Sequence[float] | None, level: float
) -> tuple[float, float | None]:
    """Return the effect asked for, and the largest bound at which zero stays outside (None where it is inside from the start).

    Raises:
        StatsError: as `sensitivity`.
    """
    course = _course(estimate, weights)
    if kind == "relative_magnitude" and course.late > MOST_LATE:
        raise StatsError.of(codes.NO_CHOICE, value=course.late, name="event_study_estimate", choices=f"1 … {MOST_LATE}")
    largest = 1.0 if kind == "relative_magnitude" else course.se
    return course.value, _breakdown(_apart(course, kind, level), largest)


def _usual(kind: str, se: float) -> Vector:
    return np.array(RELATIVE if kind == "relative_magnitude" else SMOOTH) * (1 if kind == "relative_magnitude" else se)


def _course(estimate: Estimate, weights: Sequence[float] | None) -> Course:
    if estimate.table is None or estimate.covariance is None or estimate.details.get("base") != "universal":
        raise StatsError.of(codes.NO_REFERENCE)
    times = np.array([float(term) for term in estimate.table["term"]])
    early = int((times < 0).sum())
    enough(early, 1, msg("periods before, beside the reference"))
    late = len(times) - early
    whole = np.r_[times[:early], -1.0, times[early:]]
    if (np.diff(whole) != 1).any():
        raise StatsError.of(codes.PERIOD_GAPS)
    target = np.eye(late)[0] if weights is None else vector(weights, "weights")
    same_length(target, "weights", times[early:], "periods after")
    if not np.abs(target).sum() > 0:
        raise StatsError.of(codes.NO_VARIATION, what="weights")
    return Course(
        estimate.table["value"].to_numpy(dtype=np.float64),
        estimate.covariance.to_numpy(dtype=np.float64),
        early,
        target,
    )


def _apart(course: Course, kind: str, level: float) -> Callable[[float], bool]:
    """Return whether zero is excluded at a bound."""

    def smooth(bound: float) -> bool:
        low, high = smooth_interval(course, bound, level)
        return low > 0 or high < 0

    return smooth if kind == "smoothness" else lambda bound: not relative_accepts(course, bound, level, 0.0)


def _breakdown(apart: Callable[[float], bool], largest: float) -> float | None:
    """Return the largest bound at which zero stays outside, searched between the bounds tried and beyond."""
    if not apart(0.0):
        return None
    good, bad = 0.0, largest or 1.0
    for _ in range(12):
        if not apart(bad):
            break
        good, bad = bad, 2 * bad
    else:
        return good
    for _ in range(16):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if apart(middle) else (good, middle)
    return good


def _sentence(kind: str, breakdown: float | None, unit: str) -> Message:
    if breakdown is None:
        return msg("no conclusion can be drawn even with parallel trends")
    if kind == "smoothness":
        return msg("the conclusion holds until the slope changes by {bound} a period", bound=shown(breakdown, unit))
    return msg(
        "the conclusion holds until the trends differ after by {bound} times what they differed before",
        bound=shown(breakdown, "ratio"),
    )
