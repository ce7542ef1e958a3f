"""How an outcome slopes from the worst-off to the best-off: slope and relative index of inequality."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Matrix,
    Row,
    Vector,
    all_positive,
    column,
    confidence_level,
    enough,
    judged,
    none_negative,
    shown,
    table,
)
from evalkit.stats._laws import normal_p, t_p, two_sided_t, two_sided_z
from evalkit.text import msg


def slope_index(
    frame: pd.DataFrame,
    *,
    value: str,
    population: str,
    rank: str,
    se: str | None = None,
    relative: bool = False,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say how an outcome differs between the two ends of the social scale, every group counted by its size.

    Args:
        frame: one row per group (fifth, tenth, or district).
        value: column of the outcome.
        population: column of the population.
        rank: column that orders the groups from the worst-off to the best-off.
        se: column of standard errors of the outcome; without it the spread around the line gives the interval.
        relative: give the relative index (RII), the ratio of the two ends of the line, instead of the slope (SII).
        confidence: level of the interval.
        measure: unit of the outcome.

    Returns:
        The slope index: best-off minus worst-off end of the line (or their ratio); `table` has both.

    Raises:
        StatsError: fewer than three groups, a population not positive, a repeated rank, an RII when an end of the line is not above zero.

    When not to use it: an outcome that does not rise or fall steadily along the scale.
    Assumption: a straight line along the cumulated population.
    Formula: population-weighted regression on the midpoint of the cumulated share of population; RII by the logarithm (delta method);
    without `se`, HC3 errors with a Student law of k − 2 degrees of freedom.
    Source: Mackenbach & Kunst (1997) Social Science & Medicine 44; Low & Low (2004).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"rate": [40, 31, 22, 9], "people": [100, 100, 100, 100], "fourth": [1, 2, 3, 4]})
        >>> round(slope_index(frame, value="rate", population="people", rank="fourth").value, 1)
        -40.8
    """
    level = confidence_level(confidence)
    y, people, order = column(frame, value), column(frame, population), column(frame, rank)
    all_positive(people, population)
    enough(len(y), 3, msg("groups along the scale"))
    if len(np.unique(order)) < len(order):
        raise StatsError.of(codes.REPEATED, name=rank, example=f"{order[np.argsort(order)][0]:g}")
    place = np.argsort(order, kind="stable")
    y, share = y[place], people[place] / people.sum()
    middle = np.cumsum(share) - share / 2
    design = np.column_stack([1 - middle, middle])
    bread = np.linalg.inv(design.T @ (share[:, None] * design))
    pull = bread @ (design * share[:, None]).T
    ends = pull @ y
    covariance = _ends_covariance(frame, se, place, y - design @ ends, pull, design)
    df = len(y) - 2 if se is None else None
    slope, slope_se = float(ends[1] - ends[0]), math.sqrt(float(np.array([-1, 1]) @ covariance @ np.array([-1, 1])))
    rows: list[Row] = [
        {
            "term": "SII", "value": slope, "n": len(y),
            **(_limits(slope, slope_se, level, df) if slope_se > 0 else {"se": None, "lower": None, "upper": None, "p_value": None}),
        }
    ]  # fmt: skip
    if ends.min() > 0:
        pieces = np.array([-1 / ends[0], 1 / ends[1]])
        log_se, log = math.sqrt(float(pieces @ covariance @ pieces)), math.log(ends[1] / ends[0])
        shared: Row = {"se": log_se, "lower": math.exp(log), "upper": math.exp(log), "p_value": None}
        if log_se > 0:
            shared = _limits(log, log_se, level, df)
            shared |= {"lower": math.exp(shared["lower"]), "upper": math.exp(shared["upper"])}
        rows.append({"term": "RII", "value": math.exp(log), "n": len(y), **shared})
    elif relative:
        raise StatsError.of(codes.NOT_POSITIVE, name=value, value=shown(float(ends.min())))
    chosen = rows[1 if relative else 0]
    fitted = design @ ends
    straight = 1 - float(share @ (y - fitted) ** 2) / max(float(share @ (y - share @ y) ** 2), 1e-300)
    return Estimate(
        value=float(chosen["value"]),
        method="relative_index" if relative else "slope_index",
        unit="ratio" if relative else measure,
        se=chosen["se"],
        lower=chosen["lower"],
        upper=chosen["upper"],
        p_value=chosen["p_value"],
        confidence=level,
        n=len(y),
        table=table(rows),
        checks=(
            judged(
                "straight line",
                straight >= 0.5,
                msg("the outcome follows a line along the scale"),
                msg("the outcome does not follow a line along the scale"),
            ),
        ),
        details={"worst_off_end": float(ends[0]), "best_off_end": float(ends[1]), "r2": straight},
    )


def _limits(value: float, se: float, level: float, df: int | None) -> Row:
    """Return the normal interval where the errors are known, Student's where they are seen from the spread."""
    half = se * (two_sided_z(level) if df is None else two_sided_t(level, df))
    p = normal_p(value / se) if df is None else t_p(value / se, df)
    return {"se": se, "lower": value - half, "upper": value + half, "p_value": p}


def _ends_covariance(
    frame: pd.DataFrame, se: str | None, place: np.ndarray, rest: Vector, pull: Matrix, design: Matrix
) -> Matrix:
    """Return the covariance of the two ends of the line: from the errors of the groups, or from the spread around it."""
    if se is not None:
        errors = column(frame, se)[place]
        none_negative(errors, se)
        return np.asarray((pull * errors**2) @ pull.T)
    leverage = np.einsum("ij,ji->i", design, pull)
    return np.asarray((pull * (rest / np.maximum(1 - leverage, 1e-9)) ** 2) @ pull.T)
