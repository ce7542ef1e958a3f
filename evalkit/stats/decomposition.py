"""What two-way fixed effects really compare: the decomposition of Goodman-Bacon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Row, Vector, judged, shown, table
from evalkit.stats.panel.status import read_block
from evalkit.text import Quantity, msg


@dataclass(frozen=True)
class _Group:
    first: float
    share: float
    treated: float
    means: Vector


def bacon(frame: pd.DataFrame, *, outcome: str, unit: str, time: str, treated: str) -> Estimate:
    """Show which comparisons hide behind a two-way fixed effects estimate, and how much those with already treated ones weigh.

    Args:
        frame: one row per territory and period, complete.
        outcome: column of the outcome.
        unit: column of the territory.
        time: column of the period.
        treated: column of 0 and 1 (once treated, always treated).

    Returns:
        The two-way fixed effects estimate; `table` has one row per comparison with its `weight` and `kind`: `treated_untreated`,
        `earlier_later`, `later_earlier` (the forbidden one: later treated against already treated), `later_always`.
        `details` sums weight and mean estimate by kind.

    Raises:
        StatsError: an incomplete panel, a treatment that ends, no change of treatment at all.

    When not to use it: as an estimate; it is a diagnostic. When `later_earlier` weighs, use `did` with another method.
    Assumption: none, it is an identity on a balanced panel.
    Formula: weights proportional to `(n_k + n_u)² n(1−n) D(1−D)` and its two analogues for pairs of timing groups.
    Source: Goodman-Bacon (2021) Journal of Econometrics 225, theorem 1.

    Example:
        >>> import pandas as pd
        >>> starts = {0: 2003, 1: 2003, 2: 2003}
        >>> rows = [(u, t, starts.get(u), u + t + (u * t) % 3 + 5 * (t >= starts.get(u, 9999))) for u in range(9) for t in range(2000, 2007)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> frame["on"] = (frame["year"] >= frame["start"]).astype(int)
        >>> bacon(frame, outcome="rate", unit="place", time="year", treated="on").table["kind"].tolist()
        ['treated_untreated']
    """
    block = read_block(frame, outcome=outcome, unit=unit, time=time, treated=treated)
    first = block.first
    groups = [
        _Group(
            float(g),
            float((first == g).mean()),
            float((block.times >= g).mean()),
            block.outcome[first == g].mean(axis=0),
        )
        for g in np.unique(first)
    ]
    rows = [
        row
        for one in groups
        for other in groups
        if one.first < np.inf and 0 < one.treated < 1 and one is not other
        for row in [_pair(one, other, block.times)]
    ]
    if not rows:
        raise StatsError.of(codes.TOO_FEW, what=msg("dates of treatment to compare"), n=Quantity(0), needed=Quantity(1))
    weights = np.array([row["weight"] for row in rows])
    weights = weights / weights.sum()
    for row, weight in zip(rows, weights, strict=True):
        row["weight"] = float(weight)
    found = table(rows, ("kind", "weight"))
    value = float(weights @ found["value"].to_numpy())
    details: dict[str, float | int | str | None] = {}
    for kind in sorted(set(found["kind"])):
        part = found[found["kind"] == kind]
        details[f"{kind}_weight"] = float(part["weight"].sum())
        details[f"{kind}_value"] = float((part["weight"] * part["value"]).sum() / part["weight"].sum())
    forbidden = sum(float(details.get(f"{kind}_weight") or 0) for kind in ("later_always", "later_earlier"))
    return Estimate(
        value=value,
        method="bacon",
        n=len(block.units),
        table=found,
        checks=(
            judged(
                "clean comparisons",
                forbidden == 0,
                msg("no territory already treated serves as a comparison"),
                msg(
                    "comparisons with territories already treated weigh {share}",
                    share=shown(100 * forbidden, "percent"),
                ),
            ),
        ),
        details=details,
    )


def _pair(one: _Group, other: _Group, times: Vector) -> Row:
    """Return one comparison: `one` changes treatment, `other` does not within the window."""
    size, share = one.share + other.share, one.share / (one.share + other.share)
    inside = share * (1 - share)
    window: NDArray[np.bool_] = np.ones(len(times), dtype=bool)
    if other.treated in (0.0, 1.0):
        kind = "treated_untreated" if other.treated == 0 else "later_always"
        weight = size**2 * inside * one.treated * (1 - one.treated)
    elif one.first < other.first:
        kind, window, free = "earlier_later", times < other.first, 1 - other.treated
        weight = (size * free) ** 2 * inside * (one.treated - other.treated) / free * (1 - one.treated) / free
    else:
        kind, window = "later_earlier", times >= other.first
        ratio = one.treated / other.treated
        weight = (size * other.treated) ** 2 * inside * ratio * (1 - ratio)
    after, before = window & (times >= one.first), window & (times < one.first)
    gap = one.means - other.means
    name = "never" if np.isinf(other.first) else f"{other.first:g}"
    return {
        "term": f"{one.first:g} - {name}",
        "value": float(gap[after].mean() - gap[before].mean()),
        "n": int(window.sum()),
        "kind": kind,
        "weight": float(weight),
    }
