"""What one unit of effect cost, with the doubt of both the effect and the cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Row, confidence_level, not_negative, scalar, shown, table, vector
from evalkit.stats._laws import two_sided_z
from evalkit.text import Message, msg


def cost_effectiveness(
    effect: float,
    cost: float,
    *,
    effect_se: float,
    cost_se: float = 0.0,
    correlation: float = 0.0,
    confidence: float = 0.95,
    unit: str = "euro",
    thresholds: Sequence[float] = (),
) -> Estimate:
    """Say what one more unit of effect (a job, a way out of unemployment) cost, with Fieller's interval.

    Args:
        effect: net effect of the programme, in units (not its gross outcome).
        cost: net cost.
        effect_se: standard error of the effect.
        cost_se: standard error of the cost, 0 when it is known from the accounts.
        correlation: correlation of the two estimates.
        confidence: level of the interval.
        unit: unit of the ratio.
        thresholds: amounts one unit of effect might be worth; `table` then has, for each, the net benefit and the probability
            that the effect is worth its cost (acceptability curve), in the column `probability`.

    Returns:
        Cost per unit of effect. Where the interval of the effect reaches zero the ratio has no bounded interval: `lower`
        and `upper` are None and the sentence says so.

    Raises:
        StatsError: an effect of exactly zero, a negative standard error, a correlation out of −1 to 1.

    When not to use it: to compare programmes that count their units differently, or with gross outcomes.
    Assumption: effect and cost normally distributed; the probability of the curve is that of normal estimates, flat prior.
    Formula: the ratios R with `(C − R E)² ≤ z² Var(C − R E)`.
    Source: Fieller (1954) JRSS-B 16; Willan & O'Brien (1996); Fenwick, Claxton & Sculpher (2001).

    Example:
        >>> cost_effectiveness(effect=50, cost=1_000_000, effect_se=10).value
        20000.0
    """
    level = confidence_level(confidence)
    units, spent, rho = scalar(effect, "effect"), scalar(cost, "cost"), scalar(correlation, "correlation")
    se_units, se_spent = not_negative(effect_se, "effect_se"), not_negative(cost_se, "cost_se")
    if units == 0:
        raise StatsError.of(codes.NOT_POSITIVE, name="effect", value=shown(units))
    if not -1 <= rho <= 1:
        raise StatsError.of(codes.NO_CHOICE, value=shown(rho), name="correlation", choices="[-1, 1]")
    lower, upper = fieller(spent, units, se_spent, se_units, rho, two_sided_z(level))
    ratio = spent / units
    bounded = lower is not None
    rows = [_worth(amount, units, spent, se_units, se_spent, rho, level) for amount in vector(thresholds, "thresholds")]
    return Estimate(
        value=ratio,
        method="fieller",
        unit=unit,
        se=abs(ratio) * _relative(units, spent, se_units, se_spent, rho),
        lower=lower,
        upper=upper,
        confidence=level,
        table=table(rows, ("probability",)) if rows else None,
        checks=(Check("effect told from zero", bounded, _bounded(bounded)),),
        sentence=_sentence(ratio, lower, upper, unit),
        details={"effect": units, "cost": spent},
    )


def fieller(
    top: float, bottom: float, se_top: float, se_bottom: float, correlation: float, z: float
) -> tuple[float | None, float | None]:
    """Return Fieller's limits of `top / bottom`, or two None where they are not a bounded interval."""
    a = bottom**2 - (z * se_bottom) ** 2
    b = top * bottom - z * z * correlation * se_top * se_bottom
    c = top**2 - (z * se_top) ** 2
    if a <= 0:
        return None, None
    half = math.sqrt(max(0.0, b * b - a * c))
    return (b - half) / a, (b + half) / a


def _relative(units: float, spent: float, se_units: float, se_spent: float, rho: float) -> float:
    if spent == 0:
        return 0.0
    u, s = se_units / units, se_spent / spent
    return math.sqrt(max(0.0, u * u + s * s - 2 * rho * u * s))


def _worth(
    amount: float, units: float, spent: float, se_units: float, se_spent: float, rho: float, level: float
) -> Row:
    """Return the net benefit when a unit of effect is worth `amount`, and the probability that it is above zero."""
    from scipy import special

    benefit = amount * units - spent
    variance = (amount * se_units) ** 2 + se_spent**2 - 2 * rho * amount * se_units * se_spent
    se = math.sqrt(max(0.0, variance))
    half = two_sided_z(level) * se
    probability = float(special.ndtr(benefit / se)) if se > 0 else float(benefit > 0)
    return {
        "term": f"{amount:g}",
        "value": benefit,
        "se": se,
        "lower": benefit - half,
        "upper": benefit + half,
        "probability": probability,
    }


def _bounded(bounded: bool) -> Message:  # noqa: FBT001 - the one thing the sentence says
    if bounded:
        return msg("the effect is told from zero, so the cost of one unit has an interval")
    return msg("the effect is not told from zero, so the cost of one unit has no upper limit")


def _sentence(ratio: float, lower: float | None, upper: float | None, unit: str) -> Message:
    if lower is None or upper is None:
        return msg(
            "one unit of effect cost {ratio} at the estimated effect, but the effect may be nil: no interval can be given",
            ratio=shown(ratio, unit),
        )
    return msg(
        "one unit of effect cost {ratio}, between {lower} and {upper}",
        ratio=shown(ratio, unit),
        lower=shown(lower, unit),
        upper=shown(upper, unit),
    )
