"""The place is not its people: does it still hold about as many persons or dwellings?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats import codes
from evalkit.stats._inputs import Vector, column, labels, need_columns, positive, shown, table
from evalkit.stats.checks.names import COMPOSITION, some
from evalkit.text import Quantity, msg

TURNOVER = 0.1
"""Change of population or dwellings beyond which a place is no longer taken for its people: a convention of this toolkit."""


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
    worst = shown(100 * float(change[np.abs(change).argmax()]), "percent", signed=True)
    if moved.any():
        text = msg(
            "{n} territories no longer hold as many people or dwellings ({names}, up to {worst}): who lives there may have changed",
            n=Quantity(int(moved.sum())),
            names=some([name for name, far in zip(names, moved, strict=True) if far]),
            worst=worst,
        )
        return Check(COMPOSITION, False, text, rows)
    if lost:
        text = msg(
            "population or dwellings are not known for {n} territories; elsewhere they moved by {worst} at most",
            n=Quantity(lost),
            worst=worst,
        )
        return Check(COMPOSITION, None, text, rows)
    return Check(
        COMPOSITION, True, msg("the number of people or dwellings moved by {worst} at most", worst=worst), rows
    )
