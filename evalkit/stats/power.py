"""What could have been seen: the smallest effect that a design detects, to be said before `no effect` is said."""

from __future__ import annotations

import math

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import choice, confidence_level, enough, not_negative, positive, scalar, shown
from evalkit.stats._laws import normal_quantile, t_quantile
from evalkit.text import msg

ALTERNATIVES = ("two_sided", "one_sided")


def minimum_detectable_effect(
    *,
    se: float | None = None,
    standard_deviation: float | None = None,
    treated: int | None = None,
    control: int | None = None,
    before: int = 1,
    after: int = 1,
    autocorrelation: float = 0.0,
    cluster_size: float = 1,
    intracluster: float = 0.0,
    power: float = 0.8,
    confidence: float = 0.95,
    alternative: str = "two_sided",
    df: float | None = None,
    unit: str = "",
) -> Estimate:
    """Say how large an effect had to be to be seen with this design four times out of five.

    Args:
        se: standard error of the effect, where it is known (from the estimate itself, or from a design study).
        standard_deviation: otherwise, the deviation of the outcome between territories in one period.
        treated: number of treated territories.
        control: number of comparison territories.
        before: periods before; 0 compares levels after only.
        after: periods after.
        autocorrelation: correlation of two periods of one territory, −1 to 1.
        cluster_size: persons observed in each territory, where the deviation is between persons.
        intracluster: correlation of persons of one territory.
        power: chance of seeing the effect.
        confidence: level of the test.
        alternative: `two_sided` or `one_sided`.
        df: degrees of freedom (clusters minus 2, say); Student multipliers are then used.
        unit: unit of the effect.

    Returns:
        The smallest detectable effect; `details["multiplier"]` is 2.8016 for 80% and a two-sided 5% test.

    Raises:
        StatsError: neither `se` nor the design, a number out of range.

    When not to use it: with the observed effect as the true effect (observed power says nothing new).
    Assumption: equal correlation of any two periods; equal deviations in both groups.
    Formula: `(z₁₋α/₂ + z_power) se`; `se² = σ² (1/T + 1/C) [(1 + (m−1)ICC)/m] (1−ρ)(1/before + 1/after)`.
    Source: Bloom (1995) Evaluation Review 19; McKenzie (2012) Journal of Development Economics 99.

    Example:
        >>> round(minimum_detectable_effect(se=1).value, 4)
        2.8016
    """
    level, chance = confidence_level(confidence), confidence_level(power)
    choice(alternative, "alternative", ALTERNATIVES)
    tail = 1 - (1 - level) / (2 if alternative == "two_sided" else 1)
    free = None if df is None else positive(df, "df")
    times = (
        normal_quantile(tail) + normal_quantile(chance)
        if free is None
        else t_quantile(tail, free) + t_quantile(chance, free)
    )
    if se is None:
        error = _design_error(
            standard_deviation, treated, control, before, after, autocorrelation, cluster_size, intracluster
        )
    else:
        error = positive(se, "se")
    return Estimate(
        value=times * error,
        method="minimum_detectable_effect",
        unit=unit,
        se=error,
        confidence=level,
        n=None if treated is None or control is None else treated + control,
        sentence=msg(
            "an effect below {value} would have been missed more than {missed} of the time",
            value=shown(times * error, unit),
            missed=shown(100 * (1 - chance), "percent", 0),
        ),
        details={"multiplier": times, "power": chance},
    )


def _design_error(
    deviation: float | None,
    treated: int | None,
    control: int | None,
    before: int,
    after: int,
    correlation: float,
    size: float,
    intracluster: float,
) -> float:
    """Return the standard error of a difference (in differences) from the numbers of a design."""
    if deviation is None or treated is None or control is None:
        raise StatsError.of(codes.BOTH_OR_NONE, first="standard_deviation", second="treated, control")
    enough(treated, 1, msg("treated territories"))
    enough(control, 1, msg("comparison territories"))
    enough(after, 1, msg("periods after"))
    spread, rho, icc = (
        not_negative(deviation, "standard_deviation"),
        scalar(correlation, "autocorrelation"),
        scalar(intracluster, "intracluster"),
    )
    for name, value in (("autocorrelation", rho), ("intracluster", icc)):
        if not -1 <= value <= 1:
            raise StatsError.of(codes.NO_CHOICE, value=shown(value), name=name, choices="[-1, 1]")
    over_time = (
        (1 - rho) * (1 / before + 1 / after) if not_negative(before, "before") > 0 else (1 + (after - 1) * rho) / after
    )
    persons = positive(size, "cluster_size")
    within = (1 + (persons - 1) * icc) / persons
    return spread * math.sqrt((1 / treated + 1 / control) * within * max(0.0, over_time))
