"""Many outcomes at once, tested together: the stepdown of Romano and Wolf, which uses how the outcomes go together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, confidence_level, enough, same_length, table, vector
from evalkit.text import Quantity, msg


def romano_wolf(
    statistics: Sequence[float] | Vector | pd.Series,
    draws: Matrix | pd.DataFrame,
    *,
    alpha: float = 0.05,
) -> Estimate:
    """Say which of several outcomes moved, with the chance of a single false alarm held at 5%, and more power than Holm.

    Args:
        statistics: one t-statistic per outcome; the index of a Series names the outcomes.
        draws: the same statistics when nothing happened, one row per draw (placebo assignments, wild bootstrap under the null, or bootstrap
            estimates minus the estimate over their error), one column per outcome, in the same order. All outcomes of a row come from
            the same draw.
        alpha: level of the decision.

    Returns:
        The number of outcomes that moved; `table` has the adjusted `p_value` beside `raw_p_value` (both from the draws), in the given order.

    Raises:
        StatsError: fewer than 19 draws, a missing value, another number of columns, draws that do not vary.

    When not to use it: for outcomes tested one by one without common draws (take `adjust`).
    Assumption: the draws have the law of the statistics when nothing happened (subset pivotality).
    Formula: largest statistic first, `p = (1 + #{max over the remaining |t*| ≥ |t|})/(1 + B)`, never below the one before.
    Source: Romano & Wolf (2005) Econometrica 73; (2016) Statistics & Probability Letters 113.

    Example:
        >>> import numpy as np
        >>> draws = np.random.default_rng(1).standard_normal((999, 3))
        >>> found = romano_wolf([4.0, 0.3, 2.2], draws)
        >>> (found.table["p_value"] < 0.05).tolist()
        [True, False, False]
    """
    confidence_level(alpha)
    seen = np.abs(vector(statistics, "statistics"))
    null = np.abs(np.array(draws, dtype=np.float64))
    enough(len(seen), 1, msg("outcomes"))
    if null.ndim != 2:
        raise StatsError.of(codes.NO_CHOICE, value=null.ndim, name="draws", choices="2")
    same_length(seen, "statistics", null[0] if len(null) else np.empty(0), "draws")
    vector(null.ravel(), "draws")
    enough(len(null), 19, msg("draws"))
    if float(np.ptp(null)) == 0:
        raise StatsError.of(codes.NOT_RANDOM, n=Quantity(len(null)))
    order = np.argsort(-seen, kind="stable")
    highest = np.maximum.accumulate(null[:, order[::-1]], axis=1)[:, ::-1]
    slack = 1 - 1e-12
    stepped = (1 + (highest >= seen[order] * slack).sum(axis=0)) / (1 + len(null))
    adjusted: Vector = np.empty(len(seen))
    adjusted[order] = np.maximum.accumulate(stepped)
    raw = (1 + (null >= seen * slack).sum(axis=0)) / (1 + len(null))
    names = statistics.index if isinstance(statistics, pd.Series) else range(len(seen))
    frame = table(
        (
            {"term": str(name), "value": t, "p_value": p}
            for name, t, p in zip(names, vector(statistics, "statistics"), adjusted, strict=True)
        ),
        ("raw_p_value",),
    )
    frame["raw_p_value"] = raw
    kept = int((adjusted <= alpha).sum())
    return Estimate(
        value=float(kept),
        method="romano_wolf",
        unit="count",
        confidence=1 - alpha,
        n=len(seen),
        table=frame,
        sentence=msg(
            "{kept} of {n} tests stay significant once their number is taken into account; {raw} were before",
            kept=Quantity(kept), n=Quantity(len(seen)), raw=Quantity(int((raw <= alpha).sum())),
        ),
        details={"draws": len(null), "significant_before": int((raw <= alpha).sum())},
    )  # fmt: skip
