"""No effect, or none that could be seen? Equivalence to nil, and what a null result excludes."""

from __future__ import annotations

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Row, confidence_level, positive, shown, table, vector
from evalkit.stats._laws import t_quantile, two_sided_t, two_sided_z
from evalkit.stats.power import minimum_detectable_effect
from evalkit.text import Message, msg

NAME = "equivalent to nil"


def equivalence(
    estimate: Estimate, margin: float | tuple[float, float], *, alpha: float = 0.05, df: float | None = None
) -> Estimate:
    """Say whether an effect is so small that it makes no difference: two one-sided tests against a margin stated beforehand.

    Args:
        estimate: any estimate with a standard error, or with an interval.
        margin: the smallest effect that would matter, in the unit of the estimate; two numbers for limits that differ.
        alpha: level of each one-sided test.
        df: degrees of freedom (clusters minus one, say); Student tests are then used. Where it is left out and the interval of the estimate
            is wider than a normal one, the degrees of freedom behind that interval are used.

    Returns:
        The same value with its `1 − 2·alpha` interval; `p_value` is the larger of the two tests. The check `equivalent to nil` is passed
        where the effect lies within the margin, failed where it lies beyond it, None where neither can be told. Without a standard error
        the interval of the estimate decides (a careful rule: it is wider than `1 − 2·alpha`), and no p-value is given.

    Raises:
        StatsError: a margin that does not hold zero, an estimate without error and interval.

    When not to use it: with a margin chosen after the result was seen.
    Assumption: that of the estimate; a normal or Student law.
    Formula: `t₁ = (b − L)/se`, `t₂ = (b − U)/se`, `p = max(P(T > t₁), P(T < t₂))`.
    Source: Schuirmann (1987) Journal of Pharmacokinetics and Biopharmaceutics 15; Lakens (2017) SPPS 8.

    Example:
        >>> from evalkit.model.estimate import Estimate
        >>> round(equivalence(Estimate(value=0.1, method="did", se=0.2), 0.5).p_value, 4)
        0.0228
    """
    ends = margin if isinstance(margin, tuple) else (-positive(margin, "margin"), positive(margin, "margin"))
    limits = vector(ends, "margin")
    level = 1 - 2 * (1 - confidence_level(1 - alpha))
    if len(limits) != 2 or not limits[0] < 0 < limits[1]:
        raise StatsError.of(
            codes.NO_CHOICE, value=", ".join(f"{m:g}" for m in limits), name="margin", choices="L < 0 < U"
        )
    confidence_level(level)
    low, high = float(limits[0]), float(limits[1])
    if estimate.se is None:
        return _by_interval(estimate, low, high)
    free = degrees_of_freedom(estimate) if df is None else positive(df, "df")
    rows: list[Row] = []
    value, se = estimate.value, estimate.se
    if se <= 0:
        raise StatsError.of(codes.NO_ERROR)
    half = (two_sided_z(level) if free is None else two_sided_t(level, free)) * se
    for term, distance in (("above the lower margin", value - low), ("below the upper margin", high - value)):
        rows.append({"term": term, "value": distance, "se": se, "p_value": _upper_tail(distance / se, free)})
    p = max(float(row["p_value"]) for row in rows)
    return _answer(estimate, low, high, value - half, value + half, p, level, rows)


def _upper_tail(t: float, df: float | None) -> float:
    from scipy import special

    return float(special.ndtr(-t) if df is None else special.stdtr(df, -t))


def _by_interval(estimate: Estimate, low: float, high: float) -> Estimate:
    if estimate.lower is None or estimate.upper is None:
        raise StatsError.of(codes.NO_ERROR)
    rows: list[Row] = [{"term": "interval", "value": estimate.value, "lower": estimate.lower, "upper": estimate.upper}]
    return _answer(estimate, low, high, estimate.lower, estimate.upper, None, estimate.confidence, rows)


def _answer(
    estimate: Estimate, low: float, high: float, lower: float, upper: float, p: float | None, level: float, rows: list[Row]
) -> Estimate:  # fmt: skip
    inside, outside = low < lower and upper < high, lower >= high or upper <= low
    unit = estimate.unit
    margins = {"low": shown(low, unit, signed=True), "high": shown(high, unit, signed=True)}
    text = (
        msg("the effect lies between {low} and {high}: too small to matter", **margins)
        if inside
        else msg("the effect lies beyond the margin from {low} to {high}: it matters", **margins)
        if outside
        else msg("an effect that matters (beyond {low} or {high}) can be neither excluded nor shown", **margins)
    )
    passed = True if inside else False if outside else None
    return Estimate(
        value=estimate.value,
        method="two_one_sided_tests" if p is not None else "interval_within_margin",
        unit=unit,
        se=estimate.se,
        lower=lower,
        upper=upper,
        p_value=p,
        confidence=level,
        n=estimate.n,
        table=table(rows),
        checks=(Check(NAME, passed, text),),
        sentence=text,
        details={"margin_lower": low, "margin_upper": high},
    )


def degrees_of_freedom(estimate: Estimate) -> float | None:
    """Return the degrees of freedom behind the interval of an estimate, None where it is a normal one (or has none)."""
    if estimate.se is None or estimate.se <= 0 or estimate.lower is None or estimate.upper is None:
        return None
    times = (estimate.upper - estimate.lower) / 2 / estimate.se
    if not 1.0005 * two_sided_z(estimate.confidence) < times < two_sided_t(estimate.confidence, 1):
        return None
    from scipy.optimize import brentq

    tail = 0.5 + estimate.confidence / 2
    return float(brentq(lambda free: t_quantile(tail, free) - times, 1, 1e6))


def null_statement(
    estimate: Estimate, *, margin: float | None = None, power: float = 0.8, alpha: float = 0.05
) -> Message:
    """Say what a result without visible effect excludes: the smallest effect that would have been seen, and equivalence to nil.

    Args:
        estimate: an estimate whose interval holds zero.
        margin: smallest effect that would matter, where the plan states one.
        power: chance of seeing the effect.
        alpha: level of the equivalence tests.

    Returns:
        A sentence: no effect was told from zero, the minimum detectable effect, and the equivalence statement for the margin, or the
        smallest margin that could be claimed. Where a synthetic control gives no error, the spread of its placebos stands for it.

    Raises:
        StatsError: an interval that excludes zero; neither error, nor interval, nor placebos.

    When not to use it: for an effect told from zero (give its breakdown value).
    Assumption: as `minimum_detectable_effect` and `equivalence`.
    Formula: `MDE = (z₁₋α/₂ + z_power) se`; the smallest margin is the farther end of the `1 − 2·alpha` interval.
    Source: Bloom (1995) Evaluation Review 19; Lakens (2017) SPPS 8.

    Example:
        >>> from evalkit.model.estimate import Estimate
        >>> str(null_statement(Estimate(value=-0.4, method="did", se=0.5, lower=-1.38, upper=0.58)))[:36]
        'no effect is told from zero (−0.400,'
    """
    if estimate.has_interval and not estimate.crosses_zero:
        raise StatsError.of(codes.NOT_NULL)
    unit = estimate.unit
    se = _error(estimate)
    smallest = minimum_detectable_effect(
        se=se, power=power, confidence=estimate.confidence, df=degrees_of_freedom(estimate), unit=unit
    )
    start = msg("no effect is told from zero ({value})", value=shown(estimate.value, unit, signed=True))
    if estimate.lower is not None and estimate.upper is not None:
        start = msg(
            "no effect is told from zero ({value}, between {low} and {high})",
            value=shown(estimate.value, unit, signed=True), low=shown(estimate.lower, unit, signed=True),
            high=shown(estimate.upper, unit, signed=True),
        )  # fmt: skip
    missed = msg(
        "an effect below {mde} would have been missed more than {share} of the time",
        mde=shown(smallest.value, unit), share=shown(100 * (1 - power), "percent", 0),
    )  # fmt: skip
    known = estimate if estimate.se is not None or estimate.has_interval else _with_error(estimate, se)
    return msg("{start}; {missed}; {equal}", start=start, missed=missed, equal=_equal(known, margin, alpha))


def _equal(estimate: Estimate, margin: float | None, alpha: float) -> Message:
    if margin is not None:
        return equivalence(estimate, margin, alpha=alpha).sentence
    wide = equivalence(estimate, 10 * abs(estimate.value) + 1e-9 + 10 * (estimate.se or 1.0), alpha=alpha)
    reach = max(abs(wide.lower or 0.0), abs(wide.upper or 0.0))
    return msg("effects of more than {reach} either way are excluded", reach=shown(reach, estimate.unit))


def _with_error(estimate: Estimate, se: float) -> Estimate:
    return Estimate(
        value=estimate.value, method=estimate.method, unit=estimate.unit, se=se, confidence=estimate.confidence
    )


def _error(estimate: Estimate) -> float:
    """Return the standard error: the estimate's own, that of its placebos, or the one its interval implies."""
    if estimate.se is not None and estimate.se > 0:
        return estimate.se
    if estimate.table is not None and "kind" in estimate.table.columns:
        placebos = estimate.table.loc[estimate.table["kind"] == "placebo", "value"].dropna()
        if len(placebos) >= 2 and float(placebos.std()) > 0:
            return float(placebos.std())
    if estimate.lower is not None and estimate.upper is not None and estimate.upper > estimate.lower:
        return (estimate.upper - estimate.lower) / 2 / two_sided_z(estimate.confidence)
    raise StatsError.of(codes.NO_ERROR)
