"""One series and one date: did level or slope change when the programme started?"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Matrix,
    Row,
    Vector,
    choice,
    column,
    confidence_level,
    enough,
    judged,
    none_negative,
    not_negative,
    refuse_constant,
    scalar,
    shown,
    table,
)
from evalkit.stats._laws import chi2_p, normal_p, t_p, two_sided_t, two_sided_z
from evalkit.stats._series_fits import Fitted, counted, gaussian
from evalkit.text import Message, Quantity, msg

FAMILIES = ("gaussian", "poisson", "quasipoisson")
EFFECTS = ("level", "level_and_slope")
FEWEST = 8


def interrupted_time_series(
    frame: pd.DataFrame,
    *,
    outcome: str,
    time: str,
    start: float,
    season: int | None = None,
    harmonics: int = 2,
    family: str = "gaussian",
    exposure: str | None = None,
    effect: str = "level",
    trend: bool = True,
    lags: int | None = None,
    errors: str | None = None,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say whether a single series jumped when the programme started, beyond its own trend and season.

    Args:
        frame: one row per period.
        outcome: column of the outcome (a count for the Poisson families).
        time: column of the period, a number.
        start: first period of the programme.
        season: periods in a season (12 for months); the season is a sum of `harmonics` pairs of waves.
        harmonics: pairs of waves.
        family: `gaussian` (errors that allow for autocorrelation), `poisson`, or `quasipoisson` (errors scaled by the dispersion).
        exposure: column of the population, for rates (Poisson families).
        effect: `level` (a jump) or `level_and_slope`; `value` is the jump at `start`.
        trend: whether the series has a linear trend of its own.
        lags: lags of the Newey-West errors, by default `⌊4 (n/100)^(2/9)⌋`; giving them asks for these errors.
        errors: for `gaussian`: `autoregressive` (least squares; the error allows for a first-order autocorrelation, found by REML, and for
            how badly it is known), `gls` (the periods are weighted by it too: more precise where it is strong, a little less sure),
            `newey_west` (with the normal law, as often published: for long series only).
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        Gaussian: the jump; `details["autocorrelation"]` is that of the errors. Poisson families: the rate ratio (its `se` is that of
        the logarithm). `table` has every term, on the scale of the regression, with the degrees of freedom `df` of its Student law (none:
        normal law).

    Raises:
        StatsError: fewer than eight periods, fewer than three on a side, negative counts, no event on a side, terms that cannot be told
            apart.

    When not to use it: something else happened at the same date; data were counted otherwise from then on.
    Assumption: the trend before would have gone on.
    Formula: `y = a + b t + c·1[t ≥ start] (+ d (t − start)·1[t ≥ start]) + season`; `gaussian`: Student law with
    `2 / Var(log v̂)` degrees of freedom, v̂ the variance of the coefficient under `Corr(eₛ, eₜ) = ρ^|s − t|`.
    Source: Lopez Bernal, Cummins & Gasparrini (2017) IJE 46; Cheang & Reinsel (2000) JASA 95 (REML under autocorrelation); Satterthwaite
    (1946); Newey & West (1987).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"year": range(20), "jobs": [t + t % 3 + 10 * (t >= 10) for t in range(20)]})
        >>> round(interrupted_time_series(frame, outcome="jobs", time="year", start=10).value)
        10
    """
    choice(family, "family", FAMILIES)
    choice(effect, "effect", EFFECTS)
    level, begin = confidence_level(confidence), scalar(start, "start")
    t, y = column(frame, time), column(frame, outcome)
    order = np.argsort(t, kind="stable")
    t, y = t[order], y[order]
    repeated = t[:-1][np.diff(t) == 0]
    if len(repeated):
        raise StatsError.of(codes.REPEATED, name=time, example=f"{repeated[0]:g}")
    after = t >= begin
    enough(len(t), FEWEST, msg("periods"))
    enough(int((~after).sum()), 3, msg("periods before"))
    enough(int(after.sum()), 3, msg("periods after"))
    refuse_constant(y, outcome)
    terms, design = _design(t, begin, season, harmonics, effect, trend=trend)
    if np.linalg.matrix_rank(design / np.abs(design).max(axis=0), tol=1e-9) < design.shape[1]:
        raise StatsError.of(codes.NOT_IDENTIFIED)
    people = None if exposure is None else column(frame, exposure)[order]
    if family == "gaussian":
        reach = None if lags is None else int(not_negative(lags, "lags"))
        fitted = gaussian(y, design, t, errors or ("autoregressive" if lags is None else "newey_west"), reach)
    else:
        none_negative(y, outcome)
        enough(int(y[~after].sum()), 1, msg("events before"))
        enough(int(y[after].sum()), 1, msg("events after"))
        fitted = counted(y, design, family, people)
    rows = [_line(term, fitted, j, level, len(t)) for j, term in enumerate(terms)]
    jump = rows[1]
    scale: Any = float if family == "gaussian" else math.exp
    return Estimate(
        value=scale(jump["value"]),
        method=f"interrupted_time_series_{family}",
        unit=measure if family == "gaussian" else "ratio",
        se=float(jump["se"]),
        lower=scale(jump["lower"]),
        upper=scale(jump["upper"]),
        p_value=jump["p_value"],
        confidence=level,
        n=len(t),
        table=table(rows, ("df",)),
        covariance=pd.DataFrame(fitted.covariance, index=terms, columns=terms),
        checks=(_autocorrelation(fitted), _dispersed(fitted.dispersion, family)),
        sentence=_sentence(scale(jump["value"]), family, begin, measure),
        details={
            "dispersion": fitted.dispersion,
            "autocorrelation": fitted.rho,
            "before": int((~after).sum()),
            "after": int(after.sum()),
        },
    )


def _design(
    t: Vector, begin: float, season: int | None, harmonics: int, effect: str, *, trend: bool
) -> tuple[list[str], Matrix]:
    after = (t >= begin).astype(float)
    terms, columns = ["intercept", "level"], [np.ones(len(t)), after]
    if trend:
        terms.append("trend")
        columns.append(t - t[0])
    if effect == "level_and_slope":
        terms.append("slope")
        columns.append((t - begin) * after)
    for k in range(1, (harmonics if season else 0) + 1):
        for name, wave in (("sin", np.sin), ("cos", np.cos)):
            terms.append(f"{name} {k}")
            columns.append(wave(2 * np.pi * k * t / float(season or 1)))
    return terms, np.column_stack(columns)


def _line(term: str, fitted: Fitted, j: int, level: float, n: int) -> Row:
    value, se = float(fitted.beta[j]), math.sqrt(fitted.covariance[j, j])
    df = None if fitted.df is None else float(fitted.df[j])
    half = se * (two_sided_z(level) if df is None else two_sided_t(level, df))
    p = None if se == 0 else normal_p(value / se) if df is None else t_p(value / se, df)
    return {
        "term": term, "value": value, "se": se, "lower": value - half, "upper": value + half, "p_value": p, "n": n, "df": df,
    }  # fmt: skip


def _autocorrelation(fitted: Fitted) -> Check:
    """Ljung-Box test of the first lags of what is left; one degree of freedom goes to an autocorrelation allowed for."""
    rest, spent = fitted.left, int(fitted.rho is not None)
    n, most = len(rest), max(1 + spent, min(10, len(rest) // 5))
    centred = rest - rest.mean()
    total = float(centred @ centred)
    if fitted.covariance[1, 1] == 0 or total == 0:
        return Check("autocorrelation", None, msg("the series follows its trend exactly"))
    marks = [float(centred[k:] @ centred[:-k]) / total for k in range(1, most + 1)]
    statistic = n * (n + 2) * sum(r * r / (n - k) for k, r in enumerate(marks, start=1))
    p = chi2_p(statistic, most - spent)
    rows = table([{"term": "Ljung-Box", "value": statistic, "p_value": p, "n": most}])
    if fitted.rho is None:
        return judged(
            "autocorrelation",
            p >= 0.05,
            msg("the residuals do not depend on each other"),
            msg("the residuals depend on each other: the interval may be too short"),
            rows,
        )
    rho = Quantity(fitted.rho, "ratio", 2)
    return judged(
        "autocorrelation",
        p >= 0.05,
        msg("the interval allows for an autocorrelation of {rho}, and the residuals show no other dependence", rho=rho),
        msg(
            "the residuals depend on each other beyond the autocorrelation of {rho} that is allowed for: the interval may be too short",
            rho=rho,
        ),
        rows,
    )


def _dispersed(dispersion: float | None, family: str) -> Check:
    name = "dispersion"
    if dispersion is None:
        return Check(name, None, msg("dispersion is only checked for counts"))
    return judged(
        name,
        dispersion < 1.5 or family == "quasipoisson",
        msg("the interval allows for the spread of the counts"),
        msg("the counts vary more than a Poisson law: use the quasi-Poisson family"),
    )


def _sentence(value: float, family: str, begin: float, measure: str) -> Message:
    if family == "gaussian":
        return msg("a jump of {value} from {start} on", value=shown(value, measure, signed=True), start=f"{begin:g}")
    return msg("the rate is multiplied by {value} from {start} on", value=Quantity(value, "ratio"), start=f"{begin:g}")
