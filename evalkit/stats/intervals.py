"""Intervals of shares and counts: Wilson, Byar, exact Poisson, Newcombe."""

from __future__ import annotations

import math

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    confidence_level,
    judged,
    not_negative,
    positive,
    shown,
)
from evalkit.stats._laws import exact_poisson, normal_p, two_sided_z
from evalkit.text import Quantity, msg

RATE_UNITS = {100.0: "per_100", 1000.0: "per_1000", 10000.0: "per_10000"}
EXACT_BELOW = 10


def wilson(count: float, total: float, z: float) -> tuple[float, float]:
    """Return the Wilson limits of a proportion."""
    middle = 2 * count + z * z
    half = z * math.sqrt(z * z + 4 * count * (1 - count / total))
    return max(0.0, (middle - half) / (2 * (total + z * z))), min(1.0, (middle + half) / (2 * (total + z * z)))


def byar(count: float, z: float) -> tuple[float, float]:
    """Return Byar's approximate Poisson limits of a count."""
    lower = count * (1 - 1 / (9 * count) - z / (3 * math.sqrt(count))) ** 3
    more = count + 1
    return lower, more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3


def count_limits(count: float, confidence: float) -> tuple[float, float, str]:
    """Return the limits of a count and the name of the method: exact below 10, Byar from 10 on."""
    if count < EXACT_BELOW:
        return (*exact_poisson(count, confidence), "exact_poisson")
    return (*byar(count, two_sided_z(confidence)), "byar")


def _count_and_total(count: float, total: float) -> tuple[float, float]:
    x, n = not_negative(count, "count"), positive(total, "total")
    if x > n:
        raise StatsError.of(codes.COUNT_ABOVE_TOTAL, count=Quantity(x), total=Quantity(n))
    return x, n


def proportion_interval(count: float, total: float, confidence: float = 0.95) -> Estimate:
    """Say how far chance alone could move a share: `count` out of `total`, with its Wilson interval.

    Args:
        count: number of cases, 0 to `total`.
        total: number of persons, dwellings or households observed.
        confidence: level of the interval.

    Returns:
        A proportion between 0 and 1 (unit `ratio`).

    Raises:
        StatsError: total not positive, count negative or above the total.

    When not to use it: a share from the census sample of a large commune (not a simple random sample), or from an exhaustive
    register where only chance, not sampling, is modelled: say which.
    Assumption: independent cases with one probability.
    Formula: `[2x + z² ∓ z√(z² + 4x(1 − x/n))] / (2(n + z²))`.
    Source: Wilson (1927) JASA 22; APHO Technical Briefing 3 (2008).

    Example:
        >>> found = proportion_interval(81, 263)
        >>> round(found.lower, 4), round(found.upper, 4)
        (0.2553, 0.3662)
    """
    level = confidence_level(confidence)
    x, n = _count_and_total(count, total)
    lower, upper = wilson(x, n, two_sided_z(level))
    return Estimate(
        value=x / n,
        method="wilson",
        unit="ratio",
        lower=lower,
        upper=upper,
        confidence=level,
        n=round(n),
        sentence=msg(
            "{x} out of {n}; chance alone could put the share between {lower} and {upper}",
            x=Quantity(x),
            n=Quantity(n),
            lower=shown(100 * lower, "percent"),
            upper=shown(100 * upper, "percent"),
        ),
    )


def rate_interval(count: float, denominator: float, multiplier: float = 1, confidence: float = 0.95) -> Estimate:
    """Say how far chance alone could move a rate: `count` events for `denominator`, times `multiplier`.

    Args:
        count: number of events.
        denominator: population or person-years.
        multiplier: 1000 gives a rate per 1,000.
        confidence: level of the interval.

    Returns:
        The rate with Byar's limits from 10 events on, exact Poisson limits below (`method` says which).

    Raises:
        StatsError: negative count or denominator not positive.

    When not to use it: events that come in clusters (several births of firms by one founder) vary more than this interval says;
    a count of a register that holds the whole population is known, the interval only models chance.
    Assumption: events follow a Poisson law.
    Formula: `x(1 − 1/(9x) − z/(3√x))³` and `(x+1)(1 − 1/(9(x+1)) + z/(3√(x+1)))³`; exact `χ²(α/2, 2x)/2`, `χ²(1−α/2, 2x+2)/2`.
    Source: Breslow & Day (1987) p. 69; Garwood (1936); APHO Technical Briefing 3 (2008).

    Example:
        >>> rate_interval(5, 1000, multiplier=1000).method
        'exact_poisson'
    """
    level = confidence_level(confidence)
    x, n, times = not_negative(count, "count"), positive(denominator, "denominator"), positive(multiplier, "multiplier")
    lower, upper, method = count_limits(x, level)
    return Estimate(
        value=x / n * times,
        method=method,
        unit=RATE_UNITS.get(times, "ratio"),
        lower=lower / n * times,
        upper=upper / n * times,
        confidence=level,
        n=round(x),
        sentence=msg(
            "{x} events; chance alone could have given between {lower} and {upper}",
            x=Quantity(x),
            lower=Quantity(lower, "count", 1),
            upper=Quantity(upper, "count", 1),
        ),
    )


def difference_of_proportions(
    count_a: float, total_a: float, count_b: float, total_b: float, confidence: float = 0.95
) -> Estimate:
    """Compare two separate shares: share A minus share B, with Newcombe's interval.

    Args:
        count_a: cases in group A.
        total_a: size of group A.
        count_b: cases in group B.
        total_b: size of group B.
        confidence: level of the interval.

    Returns:
        The difference (between −1 and 1) with its interval; `p_value` is that of the score test of equal shares.

    Raises:
        StatsError: as for `proportion_interval`.

    When not to use it: a part against the whole it belongs to (women against all): compare women with men instead.
    Assumption: two independent groups.
    Formula: `d − √((pa−la)² + (ub−pb)²)`, `d + √((ua−pa)² + (pb−lb)²)`.
    Source: Newcombe (1998) Statistics in Medicine 17, method 10.

    Example:
        >>> found = difference_of_proportions(56, 70, 48, 80)
        >>> round(found.value, 2), round(found.lower, 4), round(found.upper, 4)
        (0.2, 0.0524, 0.3339)
    """
    level = confidence_level(confidence)
    z = two_sided_z(level)
    (xa, na), (xb, nb) = _count_and_total(count_a, total_a), _count_and_total(count_b, total_b)
    pa, pb = xa / na, xb / nb
    (la, ua), (lb, ub) = wilson(xa, na, z), wilson(xb, nb, z)
    gap, pooled = pa - pb, (xa + xb) / (na + nb)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / na + 1 / nb))
    return Estimate(
        value=gap,
        method="newcombe",
        unit="ratio",
        se=math.sqrt(pa * (1 - pa) / na + pb * (1 - pb) / nb),
        lower=gap - math.hypot(pa - la, ub - pb),
        upper=gap + math.hypot(ua - pa, pb - lb),
        p_value=normal_p(gap / spread) if spread > 0 else 1.0,
        confidence=level,
        n=round(na + nb),
        checks=(
            judged(
                "enough cases",
                min(xa, na - xa, xb, nb - xb) >= 5,
                msg("every cell has at least five cases"),
                msg("a cell has fewer than five cases"),
            ),
        ),
        details={"proportion_a": pa, "proportion_b": pb},
    )
