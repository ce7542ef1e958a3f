"""One series and one date: did level or slope change when the programme started?"""

from __future__ import annotations

import math
import warnings
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
    all_positive,
    choice,
    column,
    confidence_level,
    enough,
    judged,
    none_negative,
    refuse_constant,
    scalar,
    shown,
    table,
)
from evalkit.stats._laws import chi2_p, normal_p, two_sided_z
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
        family: `gaussian` (autocorrelation-consistent errors), `poisson`, or `quasipoisson` (errors scaled by the dispersion).
        exposure: column of the population, for rates (Poisson families).
        effect: `level` (a jump) or `level_and_slope`; `value` is the jump at `start`.
        trend: whether the series has a linear trend of its own.
        lags: lags of the Newey-West errors, by default `⌊4 (n/100)^(2/9)⌋`.
        confidence: level of the intervals.
        measure: unit of the effect.

    Returns:
        Gaussian: the jump. Poisson families: the rate ratio (its `se` is that of the logarithm). `table` has every term, on the scale of
        the regression.

    Raises:
        StatsError: fewer than eight periods, fewer than three on a side, negative counts, terms that cannot be told apart.

    When not to use it: something else happened at the same date; data were counted otherwise from then on.
    Assumption: the trend before would have gone on.
    Formula: `y = a + b t + c·1[t ≥ start] (+ d (t − start)·1[t ≥ start]) + season`.
    Source: Lopez Bernal, Cummins & Gasparrini (2017) IJE 46; Newey & West (1987).

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
    beta, covariance, dispersion, rest = _fitted(y, design, family, people, lags)
    errors = np.sqrt(np.diag(covariance))
    z = two_sided_z(level)
    rows: list[Row] = [
        {
            "term": term, "value": b, "se": s, "lower": b - z * s, "upper": b + z * s,
            "p_value": normal_p(b / s) if s > 0 else None, "n": len(t),
        }
        for term, b, s in zip(terms, beta, errors, strict=True)
    ]  # fmt: skip
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
        table=table(rows),
        covariance=pd.DataFrame(covariance, index=terms, columns=terms),
        checks=(_autocorrelation(rest), _dispersed(dispersion, family)),
        sentence=_sentence(scale(jump["value"]), family, begin, measure),
        details={"dispersion": dispersion, "before": int((~after).sum()), "after": int(after.sum())},
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


def _fitted(
    y: Vector, design: Matrix, family: str, people: Vector | None, lags: int | None
) -> tuple[Vector, Matrix, float | None, Vector]:
    """Return coefficients, covariance, dispersion and standardised residuals."""
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    if family == "gaussian":
        reach = math.floor(4 * (len(y) / 100) ** (2 / 9)) if lags is None else int(lags)
        found = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": reach, "use_correction": False})
        return np.asarray(found.params), np.asarray(found.cov_params()), None, np.asarray(found.resid)
    none_negative(y, "outcome")
    if people is not None:
        all_positive(people, "exposure")
    offset = None if people is None else np.log(people)
    model = sm.GLM(y, design, family=sm.families.Poisson(), offset=offset)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        found = model.fit(scale="X2" if family == "quasipoisson" else 1.0)
    if not (np.isfinite(found.params).all() and np.isfinite(found.cov_params()).all()):
        raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the regression"))
    pearson = np.asarray(found.resid_pearson)
    dispersion = float((pearson**2).sum() / (len(y) - design.shape[1]))
    return np.asarray(found.params), np.asarray(found.cov_params()), dispersion, pearson


def _autocorrelation(rest: Vector) -> Check:
    """Ljung-Box test of the first lags."""
    n, most = len(rest), min(10, len(rest) // 5)
    centred = rest - rest.mean()
    total = float(centred @ centred)
    if total == 0:
        return Check("autocorrelation", None, msg("the series follows its trend exactly"))
    marks = [float(centred[k:] @ centred[:-k]) / total for k in range(1, most + 1)]
    statistic = n * (n + 2) * sum(r * r / (n - k) for k, r in enumerate(marks, start=1))
    p = chi2_p(statistic, most)
    return judged(
        "autocorrelation",
        p >= 0.05,
        msg("the residuals do not depend on each other"),
        msg("the residuals depend on each other: the interval may be too short"),
        table([{"term": "Ljung-Box", "value": statistic, "p_value": p, "n": most}]),
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
