"""The trend marker of Fingertips: is the series of the last five years really going one way?"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Vector, all_positive, column, judged, need_columns, shown, table
from evalkit.stats._laws import chi2_p
from evalkit.text import Message, Quantity, change_unit, msg, nmsg

POINTS = 5
THRESHOLD = 9.54953570608324
LEVEL = 0.998
LIMITS_WIDTH = 3.92


def trend(
    frame: pd.DataFrame,
    *,
    period: str,
    value: str,
    lower: str | None = None,
    upper: str | None = None,
    breaks: Iterable[int | str] = (),
    numerator: str | None = None,
    denominator: str | None = None,
    unit: str = "",
) -> Estimate:
    """Say whether a yearly series goes up, down, or shows no significant change over its last five points.

    Args:
        frame: one row per period.
        period: column of years.
        value: column of the indicator.
        lower: column of the lower 95% limit.
        upper: column of the upper 95% limit.
        breaks: first periods of a new definition or source; only the points from the last break on are used.
        numerator: column of cases of a proportion; with `denominator` the test is the chi-squared test for trend on counts.
        denominator: column of totals of a proportion.
        unit: unit of the values.

    Returns:
        The slope per year with its 99.8% interval; `details["direction"]` is `increasing`, `decreasing` or `no_significant_change`.

    Raises:
        StatsError: fewer than five points since the last break, no interval of the points, a repeated period.

    When not to use it: overlapping periods (pooled years), a series without published intervals (Filosofi).
    Assumption: independent points whose intervals are right.
    Formula: `se = (upper − lower)/3.92`, weights `1/se²`, `χ² = (β/se_β)² > 9.5495` (99.8%), and the slope keeps its sign
    when each point is left out in turn; proportions: Cochran-Armitage χ² with the same threshold.
    Source: Fingertips technical guidance, recent trends (UKHSA).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"year": range(2016, 2021), "rate": [10.0, 12, 14, 16, 18]})
        >>> frame = frame.assign(low=frame["rate"] - 1, high=frame["rate"] + 1)
        >>> trend(frame, period="year", value="rate", lower="low", upper="high").details["direction"]
        'increasing'
    """
    need_columns(frame, period, value, lower, upper, numerator, denominator)
    counts = _together(("numerator", numerator), ("denominator", denominator))
    limits = _together(("lower", lower), ("upper", upper))
    if not counts and not limits:
        raise StatsError.of(codes.BOTH_OR_NONE, first="lower", second="upper")
    points, dropped = _last_points(frame, period, value, breaks)
    years, values = column(points, period), column(points, value)
    if counts:
        cases, totals = column(points, str(numerator)), column(points, str(denominator))
        all_positive(totals, str(denominator))
        shares = cases / totals
        pooled = float(cases.sum() / totals.sum())
        if not 0 < pooled < 1:
            raise StatsError.of(codes.NO_VARIATION, what=numerator)
        scale = float(values.sum() / shares.sum())
        weights, fitted = totals / (pooled * (1 - pooled) * scale**2), shares * scale
    else:
        widths = column(points, str(upper)) - column(points, str(lower))
        all_positive(widths, str(upper))
        weights, fitted = (LIMITS_WIDTH / widths) ** 2, values
    slope, se = weighted_slope(years, fitted, weights)
    chi2 = (slope / se) ** 2
    left_out = [weighted_slope(*(np.delete(a, i) for a in (years, fitted, weights)))[0] for i in range(POINTS)]
    stable = all(other * slope > 0 for other in left_out)
    real = chi2 > THRESHOLD and stable
    direction = "no_significant_change" if not real else "increasing" if slope > 0 else "decreasing"
    z = math.sqrt(THRESHOLD)
    return Estimate(
        value=slope,
        method="cochran_armitage" if counts else "weighted_trend",
        unit=change_unit(unit),
        se=se,
        lower=slope - z * se,
        upper=slope + z * se,
        p_value=chi2_p(chi2, 1),
        confidence=LEVEL,
        n=POINTS,
        table=table(
            {"term": f"without {int(y)}", "value": b, "n": POINTS - 1} for y, b in zip(years, left_out, strict=True)
        ),
        checks=(_stable(stable), _spaced(years), _used(years, breaks, dropped)),
        sentence=_sentence(direction, slope, years, unit),
        details={"direction": direction, "chi_squared": chi2, "threshold": THRESHOLD, "first_period": int(years[0])},
    )


def weighted_slope(times: Vector, values: Vector, weights: Vector) -> tuple[float, float]:
    """Return the weighted slope and its standard error when the weights are the inverse of known variances."""
    centre = (weights * times).sum() / weights.sum()
    spread = (weights * (times - centre) ** 2).sum()
    return float((weights * (times - centre) * values).sum() / spread), float(1 / math.sqrt(spread))


def _together(first: tuple[str, str | None], second: tuple[str, str | None]) -> bool:
    if (first[1] is None) != (second[1] is None):
        raise StatsError.of(codes.BOTH_OR_NONE, first=first[0], second=second[0])
    return first[1] is not None


def _last_points(frame: pd.DataFrame, period: str, value: str, breaks: Iterable[int | str]) -> tuple[pd.DataFrame, int]:
    """Return the last five points since the last break, and how many points without a value were left aside."""
    years = column(frame, period)
    known = frame.assign(**{period: years}).loc[frame[value].notna().to_numpy()].sort_values(period)
    repeated = known.loc[known[period].duplicated(), period]
    if len(repeated):
        raise StatsError.of(codes.REPEATED, name=period, example=int(repeated.iloc[0]))
    cuts = [int(cut) for cut in breaks if int(cut) <= years.max()]
    since = known.loc[known[period] >= max(cuts)] if cuts else known
    if cuts and len(since) < POINTS:
        raise StatsError.of(codes.BROKEN_SERIES, n=Quantity(len(since)), period=max(cuts))
    if len(since) < POINTS:
        raise StatsError.of(
            codes.TOO_FEW, what=msg("yearly points for a trend"), n=Quantity(len(since)), needed=Quantity(POINTS)
        )
    last = since.tail(POINTS)
    missing = frame.loc[frame[value].isna().to_numpy() & (years >= float(last[period].min()))]
    return last, len(missing)


def _stable(stable: bool) -> Check:  # noqa: FBT001 - the one thing the check says
    return judged(
        "leave one out",
        stable,
        msg("the slope keeps its direction when any one year is left out"),
        msg("the slope changes direction when one year is left out"),
    )


def _spaced(years: Vector) -> Check:
    steps = np.diff(years)
    return judged(
        "evenly spaced",
        bool(np.all(steps == steps[0])),
        msg("the five points are evenly spaced"),
        msg("the five points are not evenly spaced"),
    )


def _used(years: Vector, breaks: Iterable[int | str], dropped: int) -> Check:
    cuts = sorted(int(cut) for cut in breaks)
    if dropped:
        return Check("complete series", False, nmsg("{n} year has no value", "{n} years have no value", dropped))
    if cuts:
        text: Message = msg("only the points from the last break ({cut}) on are used", cut=cuts[-1])
    else:
        text = msg("the points from {first} to {last} are used", first=int(years[0]), last=int(years[-1]))
    return Check("complete series", True, text)


def _sentence(direction: str, slope: float, years: Vector, unit: str) -> Message:
    values = {
        "first": int(years[0]),
        "last": int(years[-1]),
        "slope": shown(slope, change_unit(unit), signed=True),
    }
    if direction == "increasing":
        return msg("a rise from {first} to {last}: {slope} a year", **values)
    if direction == "decreasing":
        return msg("a fall from {first} to {last}: {slope} a year", **values)
    return msg("no significant change from {first} to {last}", **values)
