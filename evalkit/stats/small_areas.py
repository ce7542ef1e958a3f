"""Small areas: a survey figure per territory, strengthened by what is known of all territories (Fay-Herriot)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._heterogeneity import fit, heterogeneity
from evalkit.stats._inputs import Matrix, all_positive, column, confidence_level, enough, judged, shown, table
from evalkit.stats._laws import two_sided_z
from evalkit.stats.matching import expand
from evalkit.text import Quantity, msg


def small_area(
    frame: pd.DataFrame,
    *,
    estimate: str,
    se: str,
    covariates: Sequence[str] = (),
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Give each small territory a figure that leans on similar territories as far as its own survey figure is uncertain.

    Args:
        frame: one row per territory; its index names the territories.
        estimate: column of the survey estimates.
        se: column of their standard errors.
        covariates: columns known for all territories; text columns become one column per value.
        confidence: level of the intervals.
        measure: unit of the estimates.

    Returns:
        The variance between territories that the covariates leave (`value`); `table` has one row per territory: the combined estimate, the root
        of its mean squared error as `se`, `direct` (its survey figure), `synthetic` (what the covariates say) and `weight` (of the survey
        figure); then the coefficients (`kind` `coefficient`).

    Raises:
        StatsError: fewer territories than coefficients plus three, a standard error not positive, collinear covariates.

    When not to use it: as the official figure of a territory; to judge a territory that got a special programme, which is drawn towards the others.
    Assumption: the survey errors are known and normal; territories vary around the regression.
    Formula: `γᵢ yᵢ + (1 − γᵢ) xᵢβ`, `γᵢ = A/(A + ψᵢ)`, A by REML; mean squared error `g₁ + g₂ + 2 g₃`.
    Source: Fay & Herriot (1979) JASA 74; Prasad & Rao (1990) JASA 85; Datta & Lahiri (2000).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"rate": [10.0, 14, 9, 20], "error": [2.0, 2, 2, 2]}, index=list("abcd"))
        >>> found = small_area(frame, estimate="rate", se="error")
        >>> float(found.table.loc[found.table["term"] == "d", "value"].iloc[0]) < 20
        True
    """
    level = confidence_level(confidence)
    y, error = column(frame, estimate), column(frame, se)
    all_positive(error, se)
    noise = error**2
    names, design = ["intercept"], np.ones((len(y), 1))
    if covariates:
        found, everything, kept = expand(frame, covariates)
        names += [found[j] for j in kept]
        design = np.column_stack([design, everything[:, kept]])
    enough(len(y), design.shape[1] + 3, msg("territories for this many covariates"))
    if np.linalg.matrix_rank(design / np.maximum(np.abs(design).max(axis=0), 1e-300), tol=1e-9) < design.shape[1]:
        raise StatsError.of(codes.COLLINEAR)
    between = heterogeneity(y, noise, design, "REML")
    fitted = fit(y, noise, design, between)
    synthetic = design @ np.array(fitted.coefficients)
    weight = between / (between + noise)
    combined = weight * y + (1 - weight) * synthetic
    root = np.sqrt(_mean_squared_error(between, noise, design, fitted.covariance))
    z = two_sided_z(level)
    rows = [
        {
            "term": str(name), "value": combined[i], "se": root[i], "lower": combined[i] - z * root[i],
            "upper": combined[i] + z * root[i], "n": 1, "kind": "territory", "direct": y[i], "synthetic": synthetic[i],
            "weight": weight[i],
        }
        for i, name in enumerate(frame.index)
    ]  # fmt: skip
    errors = np.sqrt(np.diag(fitted.covariance))
    rows += [
        {"term": name, "value": b, "se": s, "lower": b - z * s, "upper": b + z * s, "n": len(y), "kind": "coefficient"}
        for name, b, s in zip(names, fitted.coefficients, errors, strict=True)
    ]
    return Estimate(
        value=between,
        method="fay_herriot",
        unit=measure,
        confidence=level,
        n=len(y),
        table=table(rows, ("kind", "direct", "synthetic", "weight")),
        covariance=pd.DataFrame(fitted.covariance, index=names, columns=names),
        checks=(
            judged(
                "territories differ",
                between > 0,
                msg("territories differ beyond what the covariates and the survey explain"),
                msg(
                    "territories do not differ beyond what the covariates and the survey explain: all follow the regression"
                ),
            ),
        ),
        sentence=msg(
            "the survey figure counts for {share} on average over {n} territories, the regression for the rest",
            share=shown(100 * float(weight.mean()), "percent", 0),
            n=Quantity(len(y)),
        ),
        details={"variance_between": between, "mean_weight": float(weight.mean())},
    )


def _mean_squared_error(between: float, noise: np.ndarray, design: Matrix, covariance: Matrix) -> np.ndarray:
    """Return Prasad and Rao's mean squared error: prediction, coefficients, and twice the doubt on the variance."""
    share = noise / (between + noise)
    first = between * share
    second = share**2 * np.einsum("ij,jk,ik->i", design, covariance, design)
    doubt = 2 / float((1 / (between + noise) ** 2).sum())
    third = noise**2 / (between + noise) ** 3 * doubt
    return np.asarray(first + second + 2 * third)
