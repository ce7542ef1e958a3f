"""League tables must not be read raw: small territories jump about, so their rates are drawn towards the mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats._inputs import Vector, all_positive, enough, judged, none_negative, same_length, table, vector
from evalkit.text import msg


def shrink(
    counts: Sequence[float] | Vector | pd.Series,
    denominators: Sequence[float] | Vector | pd.Series,
    *,
    multiplier: float = 1,
) -> Estimate:
    """Give each territory a rate that can be ranked: its own rate, drawn to the common one when it rests on few persons.

    Args:
        counts: events of each territory; the index of a Series names the territories.
        denominators: population of each territory.
        multiplier: 1000 gives rates per 1,000.

    Returns:
        The common rate; `table` has the shrunk rate of each territory (`value`), its `raw` rate and its `weight`: 1 keeps
        the territory's own rate, 0 gives it the common one. `se` is the spread of the shrunk rate when the common rate and the
        true spread are taken as known; it is too small where territories are few.

    Raises:
        StatsError: fewer than three territories, a count below zero, a denominator not positive.

    When not to use it: to judge one territory against its own target; to publish a rate as if it had been observed.
    Assumption: the true rates vary around one common mean, whatever their law.
    Formula: `m = Σd/Σn`, `A = s² − m/n̄`, `w = A/(A + m/nᵢ)`, `m + w (rᵢ − m)`.
    Source: Marshall (1991) Applied Statistics 40.
    """
    events, people = vector(counts, "counts"), vector(denominators, "denominators")
    same_length(events, "counts", people, "denominators")
    enough(len(events), 3, msg("territories to shrink together"))
    none_negative(events, "counts")
    all_positive(people, "denominators")
    raw = events / people
    common = float(events.sum() / people.sum())
    spread = float((people * (raw - common) ** 2).sum() / people.sum()) - common / float(people.mean())
    varies = spread > 0
    true_variance = max(spread, 0.0)
    noise = common / people
    weight = np.divide(true_variance, true_variance + noise, out=np.zeros_like(noise), where=noise + true_variance > 0)
    shrunk = common + weight * (raw - common)
    names = counts.index if isinstance(counts, pd.Series) else range(len(raw))
    frame = table(
        (
            {"term": str(name), "value": v * multiplier, "se": s * multiplier, "n": round(p)}
            for name, v, s, p in zip(names, shrunk, np.sqrt(weight * noise), people, strict=True)
        ),
        ("raw", "weight"),
    )
    frame["raw"], frame["weight"] = raw * multiplier, weight
    return Estimate(
        value=common * multiplier,
        method="marshall",
        unit="ratio",
        n=len(raw),
        table=frame,
        checks=(
            judged(
                "territories differ",
                varies,
                msg("the territories differ by more than chance"),
                msg("the territories do not differ by more than chance: all get the common rate"),
            ),
        ),
        details={"variance_between": true_variance * multiplier**2},
    )
