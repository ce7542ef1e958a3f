"""Rates at equal ages: direct standardisation with Dobson's interval."""

from __future__ import annotations

import math

import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import all_positive, column, confidence_level, none_negative, positive, table
from evalkit.stats._laws import two_sided_z
from evalkit.stats.intervals import EXACT_BELOW, RATE_UNITS, byar
from evalkit.text import Quantity


def standardised_rate(
    frame: pd.DataFrame,
    *,
    count: str,
    population: str,
    standard: str,
    multiplier: float = 1,
    confidence: float = 0.95,
) -> Estimate:
    """Give the rate a territory would have if its ages were those of a standard population.

    Args:
        frame: one row per age band.
        count: column of events.
        population: column of the territory's population.
        standard: column of the standard population (its weights).
        multiplier: 10000 gives a rate per 10,000.
        confidence: level of the interval.

    Returns:
        The directly standardised rate with Dobson's interval; `table` has the rate of each band.

    Raises:
        StatsError: fewer than 10 events in all, an empty band, a negative count.

    When not to use it: very unequal band populations, where one rare event in a small band rules the rate.
    Assumption: events of each band follow a Poisson law.
    Formula: `DSR = Σwᵢoᵢ/nᵢ / Σwᵢ`, `lo/up = DSR + √(Var/O) (O_lo/up − O)`, O_lo/up from Byar.
    Source: Dobson, Kuulasmaa, Eberle & Scherer (1991) Statistics in Medicine 10.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"cases": [5, 20], "people": [1000, 2000], "standard": [600, 400]})
        >>> standardised_rate(frame, count="cases", population="people", standard="standard", multiplier=1000).value
        7.0
    """
    level, times = confidence_level(confidence), positive(multiplier, "multiplier")
    events, people, weight = column(frame, count), column(frame, population), column(frame, standard)
    none_negative(events, count)
    all_positive(people, population)
    none_negative(weight, standard)
    observed, all_weights = float(events.sum()), positive(weight.sum(), standard)
    if observed < EXACT_BELOW:
        raise StatsError.of(codes.FEW_EVENTS, n=Quantity(observed))
    value = float((weight * events / people).sum() / all_weights)
    variance = float((weight**2 * events / people**2).sum() / all_weights**2)
    low, high = byar(observed, two_sided_z(level))
    scale = math.sqrt(variance / observed)
    return Estimate(
        value=value * times,
        method="dobson",
        unit=RATE_UNITS.get(times, "ratio"),
        se=math.sqrt(variance) * times,
        lower=(value + scale * (low - observed)) * times,
        upper=(value + scale * (high - observed)) * times,
        confidence=level,
        n=round(observed),
        table=table(
            {"term": str(i), "value": o / p * times, "n": round(o)}
            for i, o, p in zip(frame.index, events, people, strict=True)
        ),
        details={"events": observed, "crude_rate": observed / float(people.sum()) * times},
    )
