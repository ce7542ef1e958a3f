"""Checks on a threshold: was it aimed at, and does an invented one show nothing?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.stats._inputs import Row, Vector, column, enough, judged, scalar, shown, table, vector
from evalkit.stats.checks.names import PLACEBO_THRESHOLD
from evalkit.stats.discontinuity import density_check, regression_discontinuity
from evalkit.text import msg


def check_density(values: Sequence[float] | Vector | pd.Series, cutoff: float) -> Check:
    """Say whether observations pile up on one side of the threshold.

    Args:
        values: the running variable.
        cutoff: the threshold; a value at it counts as above.

    Returns:
        Passed where equal densities are not rejected at 5%; `table` has both densities, their difference, and the exact binomial count
        of the 20 nearest observations (which judges alone where the densities cannot be fitted); None with fewer than 20 values on a side.

    Raises:
        StatsError: missing values.

    When not to use it: with a running variable that heaps by itself (rounded incomes).
    Assumption: as `density_test`.
    Formula: as `density_test`.
    Source: Cattaneo, Jansson & Ma (2020) JASA 115; Cattaneo, Titiunik & Vazquez-Bare (2017) for the count.

    Example:
        >>> import numpy as np
        >>> check_density(np.sin(np.arange(400)) + np.cos(np.arange(400) / 7), 0).passed
        True
    """
    x = vector(values, "values") - scalar(cutoff, "cutoff")
    if min(int((x < 0).sum()), int((x >= 0).sum())) < 20:
        return Check(
            "density at the threshold", None, msg("too few observations to tell whether the threshold was aimed at")
        )
    return density_check(x)


def check_placebo_threshold(
    frame: pd.DataFrame, *, outcome: str, running: str, cutoff: float, measure: str = ""
) -> Check:
    """Pretend that the threshold lay elsewhere: in the middle of the territories below it, then of those above it.

    Args:
        frame: one row per territory.
        outcome: column of the outcome.
        running: column of the running variable.
        cutoff: the true threshold.
        measure: unit of the effect.

    Returns:
        Passed where neither invented threshold shows a jump (p > 0.05, halved for the two tests); `table` has both jumps; None where
        they cannot be estimated.

    Raises:
        StatsError: a missing column or value.

    When not to use it: when another programme has its threshold there.
    Assumption: as `regression_discontinuity`.
    Formula: `regression_discontinuity` on one side only, at its median.
    Source: Imbens & Lemieux (2008) Journal of Econometrics 142.

    Example:
        >>> import numpy as np, pandas as pd
        >>> k = np.arange(400)
        >>> frame = pd.DataFrame({"income": np.sin(k) + np.cos(k / 7), "rate": np.cos(3 * k)})
        >>> check_placebo_threshold(frame, outcome="rate", running="income", cutoff=0).name
        'placebo threshold'
    """
    x = column(frame, running) - scalar(cutoff, "cutoff")
    enough(len(x), 1, msg("observations"))
    rows: list[Row] = []
    for name, chosen in (("below", x < 0), ("above", x >= 0)):
        if not chosen.any():
            continue
        middle = float(np.median(x[chosen]))
        try:
            found = regression_discontinuity(
                frame.loc[chosen], outcome=outcome, running=running, cutoff=middle + cutoff, measure=measure
            )
        except StatsError:
            continue
        rows.append(
            {
                "term": name, "value": found.value, "se": found.se, "lower": found.lower, "upper": found.upper,
                "p_value": found.p_value, "n": found.n,
            }
        )  # fmt: skip
    tested = [row for row in rows if row["p_value"] is not None]
    if not tested:
        return Check(PLACEBO_THRESHOLD, None, msg("too few observations to try another threshold"))
    worst = min(tested, key=lambda row: float(row["p_value"]))
    jump = shown(float(worst["value"]), measure, signed=True)
    return judged(
        PLACEBO_THRESHOLD,
        float(worst["p_value"]) > 0.05 / len(tested),
        msg("at an invented threshold no jump shows"),
        msg("at an invented threshold a jump of {jump} shows too", jump=jump),
        table(rows),
    )
