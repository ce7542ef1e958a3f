"""Checks on who is compared: do the groups resemble each other, and do they overlap?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats import codes
from evalkit.stats._balancing import propensity_scores
from evalkit.stats._inputs import (
    Row,
    column,
    enough,
    judged,
    need_columns,
    none_negative,
    positive,
    shown,
    table,
)  # fmt: skip
from evalkit.stats.checks.names import BALANCE, OVERLAP, some
from evalkit.stats.matching import expand
from evalkit.text import Quantity, msg

BALANCED = 0.1
"""Largest standardised difference of a balanced covariate (Austin 2009, Statistics in Medicine 28)."""


def check_balance(
    frame: pd.DataFrame,
    *,
    treated: str,
    covariates: Sequence[str],
    weights: str | None = None,
    limit: float = BALANCED,
) -> Check:
    """Say whether treated and comparison territories resembled each other on what was known before.

    Args:
        frame: one row per territory.
        treated: column of 0 and 1.
        covariates: columns known before the programme; a text column becomes one column per value.
        weights: column of weights (those of `match`, or population).
        limit: largest standardised difference allowed.

    Returns:
        Passed where no standardised difference reaches the limit; `table` has the difference of means of each covariate (`value`) and its
        standardised form (`smd`).

    Raises:
        StatsError: a treatment other than 0 and 1, fewer than two territories in a group, a missing covariate.

    When not to use it: with p-values of differences, which grow with the number of territories; and it says nothing of what is not seen.
    Assumption: none, it describes.
    Formula: `(x̄₁ − x̄₀)/√((s₁² + s₀²)/2)`, spreads without weights.
    Source: Austin (2009) Statistics in Medicine 28; Stuart (2010) Statistical Science 25.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"treated": [1, 1, 0, 0], "poverty": [40, 44, 20, 22]})
        >>> check_balance(frame, treated="treated", covariates=["poverty"]).passed
        False
    """
    chosen = treated_flags(frame, treated)
    need_columns(frame, weights, *covariates)
    largest_allowed = positive(limit, "limit")
    names, matrix, _ = expand(frame, covariates)
    load = np.ones(len(frame)) if weights is None else column(frame, weights)
    none_negative(load, weights or "weights")
    for part in (chosen, ~chosen):
        positive(load[part].sum(), weights or "weights")
    means = [np.average(matrix[part], axis=0, weights=load[part]) for part in (chosen, ~chosen)]
    spread = np.sqrt((matrix[chosen].var(axis=0, ddof=1) + matrix[~chosen].var(axis=0, ddof=1)) / 2)
    gap = means[0] - means[1]
    smd = np.divide(gap, spread, out=np.where(np.abs(gap) > 0, np.inf, 0.0), where=spread > 0)
    rows = table(({"term": name, "value": g} for name, g in zip(names, gap, strict=True)), ("smd",))
    rows["smd"] = np.where(np.isfinite(smd), smd, np.nan)
    worst = int(np.abs(smd).argmax())
    if not np.isfinite(smd[worst]):
        text = msg("the two groups have nothing in common on {name}", name=names[worst])
        return Check(BALANCE, False, text, rows)
    size = shown(float(abs(smd[worst])), "ratio")
    return judged(
        BALANCE,
        bool(abs(smd[worst]) < largest_allowed),
        msg("the two groups resemble each other: at most {size} standard deviations apart ({name})", size=size, name=names[worst]),
        msg("the two groups differ by {size} standard deviations on {name}", size=size, name=names[worst]),
        rows,
    )  # fmt: skip


def check_overlap(frame: pd.DataFrame, *, treated: str, covariates: Sequence[str]) -> Check:
    """Say whether every treated territory has comparable untreated ones (common support).

    Args:
        frame: one row per territory.
        treated: column of 0 and 1.
        covariates: columns known before the programme.

    Returns:
        Passed where every treated territory's propensity score lies within those of the comparison group; False where some lie
        outside or the covariates tell the groups fully apart; None where the score cannot be computed (collinear covariates).

    Raises:
        StatsError: a treatment other than 0 and 1, fewer than two territories in a group, a missing covariate.

    When not to use it: with many covariates for few territories, the score then always tells the groups apart.
    Assumption: a logistic score.
    Formula: treated scores outside `[min, max]` of the comparison scores.
    Source: Dehejia & Wahba (1999) JASA 94; Stuart (2010).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"treated": [1, 0, 1, 0, 1, 0], "poverty": [30, 28, 33, 35, 31, 25]})
        >>> check_overlap(frame, treated="treated", covariates=["poverty"]).passed
        True
    """
    chosen = treated_flags(frame, treated)
    need_columns(frame, *covariates)
    _, matrix, kept = expand(frame, covariates)
    try:
        scores = propensity_scores(matrix[:, kept], chosen)
    except StatsError as problem:
        if problem.problems[0].code is codes.NO_OVERLAP:
            return Check(OVERLAP, False, msg("the covariates tell the two groups fully apart"))
        return Check(OVERLAP, None, msg("the covariates are collinear, so that overlap cannot be told"))
    low, high = float(scores[~chosen].min()), float(scores[~chosen].max())
    out = chosen & ((scores < low) | (scores > high))
    rows: list[Row] = [
        {"term": name, "value": part.mean(), "lower": part.min(), "upper": part.max(), "n": len(part)}
        for name, part in (("treated", scores[chosen]), ("comparison", scores[~chosen]))
    ]
    return judged(
        OVERLAP,
        not out.any(),
        msg("every treated territory has comparison territories like it"),
        msg(
            "{n} treated territories have no comparison territory like them ({names})",
            n=Quantity(int(out.sum())), names=some([str(name) for name in frame.index[out]]),
        ),
        table(rows),
    )  # fmt: skip


def treated_flags(frame: pd.DataFrame, treated: str) -> np.ndarray:
    """Return which rows are treated; other values than 0 and 1 are refused, and so are groups of fewer than two."""
    flags = column(frame, treated)
    odd = flags[(flags != 0) & (flags != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=treated, value=shown(odd[0]))
    enough(int((flags == 1).sum()), 2, msg("treated territories"))
    enough(int((flags == 0).sum()), 2, msg("comparison territories"))
    return np.asarray(flags == 1)
