"""The change of a series without published intervals, set against the changes of its comparators (placebo distribution)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Row,
    Vector,
    confidence_level,
    enough,
    judged,
    same_length,
    scalar,
    shown,
    table,
    vector,
)
from evalkit.stats._laws import t_p, two_sided_t
from evalkit.text import Message, Quantity, msg

FEWEST_COMPARATORS = 20
Numbers = Sequence[float] | Vector | pd.Series


def needed_comparators(confidence: float) -> int:
    """Return how many comparators an interval of this level asks for: 20, or more above 95%."""
    return max(FEWEST_COMPARATORS, math.ceil(round(1 / (1 - confidence), 9)))


def change_against_comparators(
    change: float,
    comparator_changes: Numbers,
    confidence: float = 0.95,
    *,
    unit: str = "",
    baseline: float | None = None,
    baselines: Numbers | None = None,
) -> Estimate:
    """Say whether a territory moved otherwise than its comparators, when its series comes without any interval.

    Args:
        change: change of the territory between two periods.
        comparator_changes: changes of the comparators between the same periods, the territory left out.
        confidence: level of the interval.
        unit: unit of the changes.
        baseline: starting value of the territory.
        baselines: starting values of the comparators: with `baseline`, the check on regression to the mean.

    Returns:
        The gap: the territory's change minus the mean change of its comparators. The mean rather than the median, because the
        leave-one-out gaps of the mean are exchangeable with the territory's own gap, which makes the p-value exact, and because
        gaps to a mean add up over territories. Interval: the gaps that the placebo test does not reject. `table` also has the Student
        prediction interval and, with baselines, the gap adjusted for the starting level.
        `details["smallest_detectable_change"]`: a smaller gap could not have been told from the usual spread.

    Raises:
        StatsError: no comparator, comparators that all changed by the same amount, a value missing.

    Fewer than 20 comparators give no interval: the smallest p-value of a rank among n placebos is 1/(n + 1), so that with fewer
    than 20 the test could hardly ever answer below 5%, and its limits would be the most extreme comparator.

    When not to use it: as the effect of a programme. It describes; a gap has many causes, and when comparators got the
    programme too the gap is the difference between two treated places.
    Assumption: without anything special the territory's change would be one more draw from its comparators' (exchangeability). This
    fails when the territory was chosen because it was doing badly (look at the regression to the mean) or differs in size.
    Formula: p = share, among the n + 1 changes, of those at least as far from their common mean as the territory's; the interval inverts
    this test, which has a closed form: each comparator at distance d from the mean accepts from `d` to `−d (n+1)/(n−1)`.
    Source: Abadie, Diamond & Hainmueller (2010) JASA 105 (placebos); Vovk, Gammerman & Shafer (2005) (conformal limits).

    Example:
        >>> change_against_comparators(-4.0, [k / 10 - 1 for k in range(20)]).value
        -3.95
    """
    level, own = confidence_level(confidence), scalar(change, "change")
    others = vector(comparator_changes, "comparator_changes")
    n = len(others)
    enough(n, 1, msg("comparators"))
    gap = own - float(others.mean())
    checks = [_number(n, needed_comparators(level)), _regression_check(others, baseline, baselines, level)]
    if n < needed_comparators(level):
        return Estimate(
            value=gap, method="placebo_change", unit=unit, confidence=level, n=n, checks=tuple(checks),
            sentence=_sentence(gap, None, unit, n), details={"smallest_detectable_change": None},
        )  # fmt: skip
    if float(np.ptp(others)) == 0:
        raise StatsError.of(codes.NO_VARIATION, what="comparator_changes")
    fall, rise = _accepted(others, level)
    detectable = max(-fall, rise)
    rows = [
        {
            "term": "placebo",
            "value": gap,
            "lower": gap - rise,
            "upper": gap - fall,
            "p_value": rank_p(own, others),
            "n": n,
        },
        _student(gap, others, level),
    ]
    if baseline is not None and baselines is not None:
        rows.append(_adjusted(own, others, baseline, baselines, level))
    return Estimate(
        value=gap,
        method="placebo_change",
        unit=unit,
        lower=gap - rise,
        upper=gap - fall,
        p_value=rank_p(own, others),
        confidence=level,
        n=n,
        table=table(rows),
        checks=tuple(checks),
        sentence=_sentence(gap, detectable, unit, n),
        details={
            "smallest_detectable_change": detectable,
            "smallest_detectable_rise": rise,
            "smallest_detectable_fall": -fall,
            "comparators_change": float(others.mean()),
        },
    )


def rank_p(own: float, others: Vector) -> float:
    """Return the exact randomisation p-value: the rank of the territory's distance to the common mean among all."""
    together = np.append(others, own)
    distance = np.abs(together - together.mean())
    return float((distance >= distance[-1] * (1 - 1e-12)).sum() / len(together))


def _accepted(others: Vector, level: float) -> tuple[float, float]:
    """Return how far below and above the comparators' mean a change may lie without being rejected."""
    n = len(others)
    distance = others - others.mean()
    mirrored = -distance * (n + 1) / (n - 1)
    rank = math.floor((1 - level) * (n + 1) + 1e-9)
    low, high = np.sort(np.minimum(distance, mirrored)), np.sort(np.maximum(distance, mirrored))
    return float(low[rank - 1]), float(high[n - rank])


def _student(gap: float, others: Vector, level: float) -> Row:
    n = len(others)
    se = float(others.std(ddof=1)) * math.sqrt(1 + 1 / n)
    half = two_sided_t(level, n - 1) * se
    return {
        "term": "student", "value": gap, "se": se, "lower": gap - half, "upper": gap + half,
        "p_value": t_p(gap / se, n - 1), "n": n,
    }  # fmt: skip


def _slope(others: Vector, starts: Vector) -> tuple[float, float, float, float]:
    """Return slope, its standard error, the residual deviation and the spread of the starting values."""
    centred = starts - starts.mean()
    spread = float(centred @ centred)
    slope = float(centred @ others) / spread
    residuals = others - others.mean() - slope * centred
    deviation = math.sqrt(float(residuals @ residuals) / (len(others) - 2))
    return slope, deviation / math.sqrt(spread), deviation, spread


def _starts(others: Vector, baselines: Numbers) -> Vector:
    starts = vector(baselines, "baselines")
    same_length(starts, "baselines", others, "comparator_changes")
    enough(len(starts), 4, msg("comparators with a starting value"))
    if float(np.ptp(starts)) == 0:
        raise StatsError.of(codes.NO_VARIATION, what="baselines")
    return starts


def _adjusted(own: float, others: Vector, baseline: float, baselines: Numbers, level: float) -> Row:
    starts = _starts(others, baselines)
    slope, _, deviation, spread = _slope(others, starts)
    away, n = scalar(baseline, "baseline") - float(starts.mean()), len(others)
    gap = own - float(others.mean()) - slope * away
    se = deviation * math.sqrt(1 + 1 / n + away**2 / spread)
    half = two_sided_t(level, n - 2) * se
    p = t_p(gap / se, n - 2) if se > 0 else None
    return {
        "term": "adjusted for the starting level", "value": gap, "se": se, "lower": gap - half, "upper": gap + half,
        "p_value": p, "n": n,
    }  # fmt: skip


def _number(n: int, needed: int) -> Check:
    return judged(
        "enough comparators",
        n >= needed,
        msg("{n} comparators are enough to see the usual spread", n=Quantity(n)),
        msg(
            "{n} comparators are too few, {needed} are needed: it cannot be told",
            n=Quantity(n),
            needed=Quantity(needed),
        ),
    )


def _regression_check(others: Vector, baseline: float | None, baselines: Numbers | None, level: float) -> Check:
    name = "regression to the mean"
    if (baseline is None) != (baselines is None):
        raise StatsError.of(codes.BOTH_OR_NONE, first="baseline", second="baselines")
    if baselines is None or len(others) < 4:
        return Check(name, None, msg("the starting levels are not known, so regression to the mean cannot be told"))
    slope, se, _, _ = _slope(others, _starts(others, baselines))
    p = t_p(slope / se, len(others) - 2) if se > 0 else 0.0
    rows = table([{"term": "slope on the starting level", "value": slope, "se": se, "p_value": p, "n": len(others)}])
    if p >= 1 - level:
        return Check(name, True, msg("among the comparators the change does not depend on the starting level"), rows)
    text = (
        msg("comparators that started high fell more: part of the gap may be regression to the mean")
        if slope < 0
        else msg("comparators that started high rose more: part of the gap comes from the starting level")
    )
    return Check(name, False, text, rows)


def _sentence(gap: float, detectable: float | None, unit: str, n: int) -> Message:
    if detectable is None:
        return msg(
            "{gap} compared with {n} comparators; its doubt cannot be told",
            gap=shown(gap, unit, signed=True),
            n=Quantity(n),
        )
    return msg(
        "{gap} compared with the mean of {n} comparators; below {detectable} a gap cannot be told from their usual spread",
        gap=shown(gap, unit, signed=True), n=Quantity(n), detectable=shown(detectable, unit),
    )  # fmt: skip
