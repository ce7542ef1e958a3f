"""Checks on who is compared: do the groups resemble each other, do they overlap, and is the place still its people?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats import codes
from evalkit.stats._balancing import propensity_scores
from evalkit.stats._inputs import (
    Row, Vector, column, enough, judged, labels, need_columns, none_negative, positive, shown, table,
)  # fmt: skip
from evalkit.stats.checks.names import BALANCE, COMPOSITION, OVERLAP
from evalkit.stats.matching import expand
from evalkit.text import Quantity, msg

BALANCED = 0.1
"""Largest standardised difference of a balanced covariate (Austin 2009, Statistics in Medicine 28)."""
TURNOVER = 0.1
"""Change of population or dwellings beyond which a place is no longer taken for its people: a convention of this toolkit."""
NAMED = 5


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
            n=Quantity(int(out.sum())), names=_some([str(name) for name in frame.index[out]]),
        ),
        table(rows),
    )  # fmt: skip


def check_composition(
    frame: pd.DataFrame,
    *,
    unit: str,
    time: str,
    count: str,
    before: float,
    after: float,
    treated: str | None = None,
    limit: float = TURNOVER,
) -> Check:
    """Say whether the place still holds about as many people (or dwellings): a place is not its people.

    Args:
        frame: one row per territory and period.
        unit: column of the territory.
        time: column of the period.
        count: column of the population, households or dwellings; missing where secret.
        before: period before.
        after: period after.
        treated: column of 0 and 1; only the territories that are ever 1 are then looked at.
        limit: largest relative change allowed (0.1 for 10%).

    Returns:
        Passed where no territory's count changed by more than the limit; None where no territory is known at both dates; `table` has the
        relative change of each. Territories that are not known at both dates are counted in the sentence.

    Raises:
        StatsError: a missing column, a territory twice in a period.

    When not to use it: as proof that the same people stayed: as many may have left as came. Only a panel of persons tells that.
    Assumption: the outline of the territory did not change.
    Formula: `after/before − 1`.
    Source: a convention of this toolkit; the problem: France Stratégie (2024), Mayer, Mayneris & Py (2017).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"place": ["a", "a"], "year": [2010, 2020], "people": [1000, 700]})
        >>> check_composition(frame, unit="place", time="year", count="people", before=2010, after=2020).passed
        False
    """
    allowed = positive(limit, "limit")
    need_columns(frame, unit, time, count, treated)
    who, when = labels(frame, unit), column(frame, time)
    kept = frame.loc[(when == before) | (when == after), [count]]
    kept = kept.assign(unit=who[(when == before) | (when == after)], when=when[(when == before) | (when == after)])
    if treated is not None:
        ever = {name for name, flag in zip(who, column(frame, treated), strict=True) if flag == 1}
        kept = kept.loc[kept["unit"].isin(ever)]
    repeated = kept.loc[kept.duplicated(["unit", "when"]), "unit"]
    if len(repeated):
        raise StatsError.of(codes.REPEATED, name=f"{unit}, {time}", example=str(repeated.iloc[0]))
    wide = kept.pivot_table(index="unit", columns="when", values=count, aggfunc="first", dropna=False)
    wide = wide.reindex(columns=[before, after]).apply(pd.to_numeric, errors="coerce").astype("float64")
    known = wide.notna().all(axis=1) & (wide[before] > 0)
    lost = int((~known).sum())
    if not known.any():
        return Check(
            COMPOSITION,
            None,
            msg("population or dwellings are not known at both dates: who lives there may have changed"),
        )
    change: Vector = (wide.loc[known, after] / wide.loc[known, before] - 1).to_numpy(dtype=np.float64)
    names = [str(name) for name in wide.index[known]]
    rows = table({"term": name, "value": c} for name, c in zip(names, change, strict=True))
    moved = np.abs(change) > allowed
    enough(len(change), 1, msg("territories"))
    worst = shown(100 * float(change[np.abs(change).argmax()]), "percent", signed=True)
    if moved.any():
        text = msg(
            "{n} territories no longer hold the same number of people or dwellings ({names}; up to {worst}): a change of who lives there may look like an effect",
            n=Quantity(int(moved.sum())), names=_some([name for name, far in zip(names, moved, strict=True) if far]), worst=worst,
        )  # fmt: skip
        return Check(COMPOSITION, False, text, rows)
    if lost:
        text = msg("population or dwellings are not known for {n} territories; elsewhere they moved by {worst} at most", n=Quantity(lost), worst=worst)  # fmt: skip
        return Check(COMPOSITION, None, text, rows)
    return Check(
        COMPOSITION, True, msg("the number of people or dwellings moved by {worst} at most", worst=worst), rows
    )


def treated_flags(frame: pd.DataFrame, treated: str) -> np.ndarray:
    """Return which rows are treated; other values than 0 and 1 are refused, and so are groups of fewer than two."""
    flags = column(frame, treated)
    odd = flags[(flags != 0) & (flags != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=treated, value=shown(odd[0]))
    enough(int((flags == 1).sum()), 2, msg("treated territories"))
    enough(int((flags == 0).sum()), 2, msg("comparison territories"))
    return np.asarray(flags == 1)


def _some(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
