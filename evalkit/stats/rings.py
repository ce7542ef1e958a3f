"""Does an effect leak to places nearby?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import column, enough, judged, need_columns, none_negative, same_length, table, vector
from evalkit.stats.differences import did
from evalkit.text import msg


def spillover(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    distance: str,
    start: float,
    rings: Sequence[float],
    cluster: str | None = None,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say whether places around the programme moved too: help that spreads, or activity taken from next door.

    Args:
        frame: one row per place and period.
        outcome: column of the outcome.
        unit: column of the place.
        time: column of the period.
        distance: column of the distance to the nearest treated place, 0 inside.
        start: first period of the programme.
        rings: outer limits of the rings, increasing; places beyond the last one are the comparison.
        cluster: column of clusters, by default the place.
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        The effect inside, against places beyond the last ring; `table` has a row for the inside and one for each ring.

    Raises:
        StatsError: rings that do not increase, a ring without places, no place beyond the last ring.

    When not to use it: when the far places differ (other town, other market), or the programme reaches beyond the last ring.
    Assumption: nothing leaks beyond the last ring; without the programme inside, rings and far places would have changed alike.
    Formula: one difference in differences per ring against the far places.
    Source: Butts (2023), "Difference-in-differences estimation with spatial spillovers"; Mayer, Mayneris & Py (2017).

    Example:
        >>> import pandas as pd
        >>> rows = [(u, t, 200 * (u % 5), u + t + (u * t) % 3) for u in range(25) for t in range(6)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "metres", "rate"])
        >>> found = spillover(frame, outcome="rate", unit="place", time="year", distance="metres", start=3, rings=[400])
        >>> found.table["term"].tolist()
        ['inside', '0-400']
    """
    need_columns(frame, outcome, unit, time, distance, cluster)
    away, limits = column(frame, distance), vector(rings, "rings")
    none_negative(away, distance)
    enough(len(limits), 1, msg("rings"))
    if limits[0] <= 0 or (np.diff(limits) <= 0).any():
        raise StatsError.of(
            codes.NO_CHOICE, value=", ".join(f"{r:g}" for r in limits), name="rings", choices="0 < r1 < r2 …"
        )
    same_length(away, distance, frame[unit].tolist(), unit)
    far = away > limits[-1]
    zones: Mapping[str, np.ndarray] = {
        "inside": away == 0,
        **{
            f"{low:g}-{high:g}": (away > low) & (away <= high)
            for low, high in zip([0.0, *limits[:-1]], limits, strict=True)
        },
    }
    rows = []
    for name, zone in zones.items():
        enough(frame.loc[zone, unit].nunique(), 1, msg("places in each ring"))
        part = frame.loc[zone | far].assign(first_here=np.where(zone, start, np.nan)[zone | far])
        found = did(
            part, outcome=outcome, unit=unit, time=time, first_treated="first_here", method="twfe", cluster=cluster,
            confidence=confidence, measure=measure,
        )  # fmt: skip
        rows.append((name, found))
    inside = rows[0][1]
    leaks = [
        name for name, found in rows[1:] if found.p_value is not None and found.p_value < (1 - confidence) / len(limits)
    ]
    return Estimate(
        value=inside.value,
        method="rings",
        unit=measure,
        se=inside.se,
        lower=inside.lower,
        upper=inside.upper,
        p_value=inside.p_value,
        confidence=inside.confidence,
        n=int(frame[unit].nunique()),
        table=table(
            {
                "term": name, "value": e.value, "se": e.se, "lower": e.lower, "upper": e.upper, "p_value": e.p_value, "n": e.n,
            }
            for name, e in rows
        ),
        checks=(
            judged(
                "no spillover",
                not leaks,
                msg("the places around did not move"),
                msg("the places around moved too: {rings}", rings=", ".join(leaks)),
            ),
            *inside.checks,
        ),
        sentence=inside.sentence,
    )  # fmt: skip
