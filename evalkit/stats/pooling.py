"""Meta-analysis: one answer from several territories, and how much they really differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._heterogeneity import Fit, fit, heterogeneity, tau2_interval
from evalkit.stats._inputs import (
    Matrix,
    Row,
    Vector,
    all_positive,
    bound,
    choice,
    column,
    confidence_level,
    enough,
    judged,
    same_length,
    shown,
    table,
    vector,
)
from evalkit.stats._laws import chi2_p, normal_p, t_p, two_sided_t, two_sided_z
from evalkit.text import Message, Quantity, msg

METHODS = ("DL", "PM", "REML")
ENOUGH = 4
EXACT = 1e-20
INTERVALS = ("wald", "knapp_hartung")


def pool(
    estimates: Sequence[float] | Vector | pd.Series,
    variances: Sequence[float] | Vector | pd.Series,
    method: str = "REML",
    *,
    interval: str = "wald",
    moderators: pd.DataFrame | None = None,
    confidence: float = 0.95,
    unit: str = "",
) -> Estimate:
    """Give one average effect from several territories, with what the next territory may expect.

    Args:
        estimates: one effect per territory; the index of a Series names the territories.
        variances: their squared standard errors.
        method: estimator of the variance between territories: `REML`, `DL` (DerSimonian-Laird) or `PM` (Paule-Mandel).
        interval: `wald` (normal) or `knapp_hartung` (Student, to be preferred below about 20 territories); both are in `table`.
        moderators: one row per territory: numeric columns that may explain the differences (meta-regression); `value` is then
            the coefficient of the first of them.
        confidence: level of the intervals.
        unit: unit of the effects.

    Returns:
        The random-effects average. `table`: the average with both intervals, the common-effect average, the prediction interval
        (the range in which the effect in one more territory is expected), or one row per coefficient of a meta-regression.
        `details`: `tau2` with its Q-profile limits, `i2` (percent), `h2`, `q`, `q_p_value`, `prediction_lower`, `prediction_upper`.

    Raises:
        StatsError: fewer than two effects, a variance not positive, collinear moderators, identical effects with `knapp_hartung`
            (whose error would be zero).

    When not to use it: effects that do not measure the same thing; effects of districts that share one comparison group are not
    independent.
    Assumption: unbiased independent effects with known variances; normal true effects for the prediction interval.
    Formula: weights `1/(vᵢ + τ²)`; REML solves `τ² = Σw²((y−μ)² − v)/Σw² + 1/Σw`; prediction `μ ± z√(se² + τ²)` (t with
    k − p degrees of freedom under Knapp-Hartung).
    Source: Viechtbauer (2005, 2010); DerSimonian & Laird (1986); Paule & Mandel (1982); Knapp & Hartung (2003).

    Example:
        >>> found = pool([0.1, 0.3, 0.5], [0.01, 0.01, 0.01])
        >>> round(found.value, 3), round(found.details["tau2"], 3)
        (0.3, 0.03)
    """
    effects, noise = vector(estimates, "estimates"), vector(variances, "variances")
    same_length(effects, "estimates", noise, "variances")
    all_positive(noise, "variances")
    choice(method, "method", METHODS)
    choice(interval, "interval", INTERVALS)
    level = confidence_level(confidence)
    design, terms = _design(moderators, len(effects))
    enough(len(effects), design.shape[1] + 1, msg("effects to pool"))
    tau2 = heterogeneity(effects, noise, design, method)
    mixed, common = fit(effects, noise, design, tau2), fit(effects, noise, design, 0.0)
    if interval == "knapp_hartung" and not mixed.q > EXACT:
        raise StatsError.of(codes.NO_VARIATION, what="estimates")
    rows = [
        _line(term, mixed, j, name, level)
        for j, term in enumerate(terms)
        for name in (interval, *(other for other in INTERVALS if other != interval))
    ]
    q, free = common.q, len(effects) - design.shape[1]
    details: dict[str, float | int | str | None] = {"tau2": tau2, "q": q, "q_df": free, "q_p_value": chi2_p(q, free)}
    details |= _scatter(tau2, noise, design) | _tau2_limits(effects, noise, design, level)
    focus = 0 if moderators is None else 1
    if moderators is None:
        details |= _prediction(mixed, level, interval)
        rows.append(_line("common effect", common, 0, "wald", level))
        rows.append(_prediction_row(mixed, details))
    else:
        total = heterogeneity(effects, noise, np.ones((len(effects), 1)), method)
        details["r2"] = max(0.0, 100 * (total - tau2) / total) if total > 0 else None
    chosen = next(row for row in rows if row["term"] == terms[focus])
    return Estimate(
        value=mixed.coefficients[focus],
        method=f"{method}_{interval}" if interval != "wald" else method,
        unit=unit,
        se=chosen["se"],
        lower=chosen["lower"],
        upper=chosen["upper"],
        p_value=chosen["p_value"],
        confidence=level,
        n=len(effects),
        table=table(rows, ("interval",)),
        covariance=pd.DataFrame(mixed.covariance, index=terms, columns=terms) if len(terms) > 1 else None,
        checks=_checks(effects, noise, design, method, chosen, focus),
        sentence=_sentence(details, unit, mixed.coefficients[focus], len(effects)),
        details=details,
    )


def _design(moderators: pd.DataFrame | None, n: int) -> tuple[Matrix, list[str]]:
    if moderators is None:
        return np.ones((n, 1)), ["average"]
    names = [str(name) for name in moderators.columns]
    columns = [column(moderators, name) for name in moderators.columns]
    for name, values in zip(names, columns, strict=True):
        same_length(values, name, range(n), "estimates")
    design = np.column_stack([np.ones(n), *columns])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise StatsError.of(codes.NO_VARIATION, what=", ".join(names))
    return design, ["intercept", *names]


def _line(term: str, mixed: Fit, j: int, interval: str, level: float) -> Row:
    value = mixed.coefficients[j]
    if interval == "wald":
        se = math.sqrt(mixed.covariance[j, j])
        half, p = two_sided_z(level) * se, normal_p(value / se)
    elif not mixed.q > EXACT:
        return {"term": term, "value": value, "n": mixed.n, "interval": interval}
    else:
        se = math.sqrt(mixed.covariance[j, j] * mixed.q / mixed.df)
        half, p = two_sided_t(level, mixed.df) * se, t_p(value / se, mixed.df) if se > 0 else 0.0
    return {
        "term": term,
        "value": value,
        "se": se,
        "lower": value - half,
        "upper": value + half,
        "p_value": p,
        "n": mixed.n,
        "interval": interval,
    }


def _prediction(mixed: Fit, level: float, interval: str) -> dict[str, float | int | str | None]:
    scale = 1.0 if interval == "wald" else mixed.q / mixed.df
    times = two_sided_z(level) if interval == "wald" else two_sided_t(level, mixed.df)
    half = times * math.sqrt(mixed.covariance[0, 0] * scale + mixed.tau2)
    return {"prediction_lower": mixed.coefficients[0] - half, "prediction_upper": mixed.coefficients[0] + half}


def _prediction_row(mixed: Fit, details: dict[str, float | int | str | None]) -> Row:
    return {
        "term": "prediction",
        "value": mixed.coefficients[0],
        "lower": details["prediction_lower"],
        "upper": details["prediction_upper"],
        "n": mixed.n,
        "interval": "prediction",
    }


def _scatter(tau2: float, noise: Vector, design: Matrix) -> dict[str, float | int | str | None]:
    weights = 1 / noise
    projection = np.diag(weights) - (weights[:, None] * design) @ np.linalg.solve(
        design.T @ (weights[:, None] * design), design.T * weights
    )
    typical = (len(noise) - design.shape[1]) / float(np.trace(projection))
    return {"i2": 100 * tau2 / (tau2 + typical), "h2": (tau2 + typical) / typical}


def _tau2_limits(effects: Vector, noise: Vector, design: Matrix, level: float) -> dict[str, float | int | str | None]:
    low, high = tau2_interval(effects, noise, design, level)
    return {"tau2_lower": bound(low), "tau2_upper": bound(high)}


def _checks(effects: Vector, noise: Vector, design: Matrix, method: str, chosen: Row, focus: int) -> tuple[Check, ...]:
    size = judged(
        "enough territories",
        len(effects) - design.shape[1] >= ENOUGH,
        msg("there are enough territories to see how much they differ"),
        msg("there are too few territories to see how much they differ"),
    )
    if len(effects) <= design.shape[1] + 1:
        return (size,)
    lower, upper = float(chosen["lower"]), float(chosen["upper"])
    rows: list[Row] = []
    for i in range(len(effects)):
        keep = np.arange(len(effects)) != i
        part = effects[keep], noise[keep], design[keep]
        if np.linalg.matrix_rank(part[2]) == design.shape[1]:
            again = fit(*part, heterogeneity(*part, method))
            rows.append({"term": f"without {i}", "value": again.coefficients[focus], "n": again.n})
    same = all(lower <= float(row["value"]) <= upper for row in rows)
    return size, judged(
        "influence",
        same,
        msg("leaving out any one territory keeps the average inside its interval"),
        msg("one territory alone moves the average out of its interval"),
        table(rows),
    )


def _sentence(details: dict[str, float | int | str | None], unit: str, value: float, n: int) -> Message:
    low, high = details.get("prediction_lower"), details.get("prediction_upper")
    if low is None or high is None:
        return msg("the coefficient over {n} territories is {value}", n=Quantity(n), value=shown(value, unit))
    return msg(
        "on average {value} over {n} territories; one more territory may expect between {low} and {high}",
        value=shown(value, unit),
        n=Quantity(n),
        low=shown(float(low), unit),
        high=shown(float(high), unit),
    )
