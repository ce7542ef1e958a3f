"""Many tests at once: how many would shine by chance alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import Vector, choice, confidence_level, enough, shown, table, vector
from evalkit.text import Quantity, msg

METHODS = ("bonferroni", "fdr_bh", "fdr_by", "holm", "hommel", "sidak")


def adjust(p_values: Sequence[float] | Vector | pd.Series, method: str = "fdr_bh", *, alpha: float = 0.05) -> Estimate:
    """Say which results stay significant once the number of tests is taken into account.

    Args:
        p_values: one p-value per test; the index of a Series names the tests.
        method: `fdr_bh` (Benjamini-Hochberg: share of false alarms among the alarms), `fdr_by` (under any dependence),
            `holm`, `hommel`, `bonferroni`, `sidak` (chance of a single false alarm).
        alpha: level of the decision.

    Returns:
        The number of tests that stay significant; `table` has the adjusted `p_value` beside `raw_p_value`, in the given order.

    Raises:
        StatsError: a p-value missing or outside 0 to 1, no p-value at all.

    When not to use it: the one primary criterion stated in the plan before the results were known.
    Assumption: `fdr_bh` holds for independent or positively dependent tests.
    Formula: `fdr_bh`: `min over j ≥ i of m p(j)/j`.
    Source: Benjamini & Hochberg (1995) JRSS-B 57; Holm (1979); Benjamini & Yekutieli (2001).

    Example:
        >>> adjust([0.01, 0.02, 0.6]).table["p_value"].round(3).tolist()
        [0.03, 0.03, 0.6]
    """
    from statsmodels.stats.multitest import multipletests

    choice(method, "method", METHODS)
    confidence_level(alpha)
    raw = vector(p_values, "p_values")
    enough(len(raw), 1, msg("p-values"))
    outside = raw[(raw < 0) | (raw > 1)]
    if len(outside):
        raise StatsError.of(codes.NO_CHOICE, value=shown(outside[0]), name="p_value", choices="[0, 1]")
    adjusted = np.asarray(multipletests(raw, alpha=alpha, method=method)[1], dtype=float)
    names = (
        [str(name) for name in p_values.index] if isinstance(p_values, pd.Series) else [str(i) for i in range(len(raw))]
    )
    kept = int((adjusted <= alpha).sum())
    frame = table(
        ({"term": t, "value": p, "p_value": p} for t, p in zip(names, adjusted, strict=True)), ("raw_p_value",)
    )
    frame["raw_p_value"] = raw
    return Estimate(
        value=float(kept),
        method=method,
        unit="count",
        confidence=1 - alpha,
        n=len(raw),
        table=frame,
        sentence=msg(
            "{kept} of {n} tests stay significant once their number is taken into account; {raw} were before",
            kept=Quantity(kept),
            n=Quantity(len(raw)),
            raw=Quantity(int((raw <= alpha).sum())),
        ),
        details={"significant_before": int((raw <= alpha).sum()), "expected_by_chance": float(alpha * len(raw))},
    )
