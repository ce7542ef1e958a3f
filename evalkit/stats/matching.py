"""A comparison group that resembles the treated one on what was known before, and how well it does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._comparisons import compared, effect_of
from evalkit.stats._inputs import (
    Matrix,
    Row,
    Vector,
    choice,
    column,
    confidence_level,
    enough,
    judged,
    need_columns,
    refuse_constant,
    shown,
    table,
)
from evalkit.text import Quantity, msg

METHODS = ("entropy", "nearest", "propensity")
BALANCED = 0.1
SPREAD = 0.5


def match(
    frame: pd.DataFrame,
    *,
    treated: str,
    covariates: Sequence[str],
    outcome: str | None = None,
    method: str = "nearest",
    caliper: float | None = None,
    replacement: bool = True,
    distance: str = "score",
    correct: bool = True,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Build a comparison group that resembles the treated one, show how well it does, and compare outcomes if asked.

    Args:
        frame: one row per territory or person, complete in the covariates.
        treated: column of 0 and 1.
        covariates: columns known before the programme; text columns become one column per value.
        outcome: column of the outcome; without it only the balance is given.
        method: `entropy` (weights that make all means equal exactly), `propensity` (odds of a logistic score), `nearest` (each treated unit
            with the comparison units nearest to it, all those as near).
        caliper: for `nearest`, the largest gap allowed: in standard deviations of the score, or in Mahalanobis distance.
        replacement: for `nearest`, whether a comparison unit may serve several treated ones; without, pairs on the score, highest
            score first: they depend on the order among ties.
        distance: for `nearest`: `score` (of a logistic regression) or `mahalanobis` (between the covariates themselves).
        correct: for `nearest`, take out what is left between a unit and its matches by a regression on the covariates.
        confidence: level of the interval.
        measure: unit of the effect.

    Returns:
        With `outcome`: the mean difference for the treated (ATT). Without: the largest standardised difference left. `table`: the row
        `effect`, then one row per covariate with `smd_before`, `smd_after` (in treated standard deviations), then one row per
        unit (`kind` `unit`) with its `weight` and `score`, indexed by the frame's labels. `details["effective_size"]` is the effective
        number of comparison units.

    Raises:
        StatsError: a treatment other than 0 and 1, a missing covariate, no overlap, collinear covariates.

    When not to use it: when what decided of the programme is not in the covariates. It removes differences that are seen only.
    Assumption: given the covariates, who got the programme does not depend on what would have happened.
    Formula: ATT `ȳ₁ − Σw y₀`, Student law. `nearest`: `Σ(yᵢ − Σⱼaᵢⱼyⱼ)/n₁`, `se² = (Σ(gapᵢ − ATT)² + Σⱼ((Σᵢaᵢⱼ)² − Σᵢaᵢⱼ²)σⱼ²)/n₁²`, σⱼ² from
    the three nearest comparison units. `entropy`, `propensity`: the weights are estimated, each unit counts by its influence.
    Source: Abadie & Imbens (2006) Econometrica 74, (2011) JBES 29; Hainmueller (2012); Zhao & Percival (2017); Hirano, Imbens & Ridder
    (2003); Stuart (2010) Statistical Science 25.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"treated": [1, 1, 0, 0, 0, 0], "poverty": [30, 34, 25, 33, 36, 28]})
        >>> match(frame, treated="treated", covariates=["poverty"], method="entropy").value < 1e-6
        True
    """
    choice(method, "method", METHODS)
    level = confidence_level(confidence)
    need_columns(frame, treated, outcome, *covariates)
    flags = column(frame, treated)
    odd = flags[(flags != 0) & (flags != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=treated, value=shown(odd[0]))
    chosen = flags == 1
    enough(int(chosen.sum()), 2, msg("treated units"))
    enough(int((~chosen).sum()), 2, msg("comparison units"))
    names, everything, kept = expand(frame, covariates)
    enough(len(kept), 1, msg("covariates that vary"))
    matrix = everything[:, kept]
    made = compared(matrix, chosen, method, caliper, distance, replacement=replacement)
    weights, scores = made.weights, made.scores
    rows = _balance(names, everything, chosen, weights)
    largest = max(abs(float(row["smd_after"])) for row in rows)
    found, effect = None, None
    if outcome is not None:
        y = column(frame, outcome)
        refuse_constant(y, outcome)
        found = effect_of(y, matrix, chosen, made, correct=correct)
        effect = found.row(level, int((weights > 0).sum()))
    load = weights[~chosen]
    units: list[Row] = [
        {"term": str(name), "kind": "unit", "value": w, "weight": w, "score": None if scores is None else scores[i]}
        for i, (name, w) in enumerate(zip(frame.index, weights, strict=True))
    ]
    head = [] if effect is None else [effect]
    return Estimate(
        value=largest if effect is None else float(effect["value"]),
        method=f"match_{method}",
        unit="ratio" if effect is None else measure,
        se=None if effect is None else effect["se"],
        lower=None if effect is None else effect["lower"],
        upper=None if effect is None else effect["upper"],
        p_value=None if effect is None else effect["p_value"],
        confidence=level,
        n=int((weights > 0).sum()),
        table=table([*head, *rows, *units], ("kind", "smd_before", "smd_after", "weight", "score")),
        checks=_checks(largest, scores, chosen, weights, corrected=found is not None and found.corrected),
        sentence=msg(
            "{n} comparison units stand for {effective} once weighted; the largest difference left is {largest} standard deviations",
            n=Quantity(int((load > 0).sum())),
            effective=Quantity(load.sum() ** 2 / (load**2).sum(), "count", 1),
            largest=shown(largest, "ratio"),
        ),
        details={
            "effective_size": float(load.sum() ** 2 / (load**2).sum()),
            "largest_smd": largest,
            "pairs": 0 if made.links is None else int(made.links.kept.sum()),
            "df": None if found is None else found.df,
            "corrected": int(found is not None and found.corrected),
        },
    )


def expand(frame: pd.DataFrame, covariates: Sequence[str]) -> tuple[list[str], Matrix, list[int]]:
    """Return the covariates as numbers: a text column becomes one column per value; and which columns to model (not its first)."""
    names: list[str] = []
    columns: list[Vector] = []
    redundant: list[int] = []
    for name in covariates:
        if pd.api.types.is_numeric_dtype(frame[name]):
            names.append(name)
            columns.append(column(frame, name))
            continue
        values = frame[name].astype(object)
        missing = int(values.isna().sum())
        if missing:
            raise StatsError.of(codes.NOT_NUMBERS, name=name, n=Quantity(missing))
        redundant.append(len(names))
        for value in sorted(set(values.tolist()), key=str):
            names.append(f"{name}={value}")
            columns.append((values == value).to_numpy(dtype=np.float64))
    enough(len(names), 1, msg("covariates"))
    return names, np.column_stack(columns), [j for j in range(len(names)) if j not in redundant]


def _balance(names: list[str], matrix: Matrix, chosen: NDArray[np.bool_], weights: Vector) -> list[Row]:
    binary = ((matrix == 0) | (matrix == 1)).all(axis=0)
    spread = np.where(binary, matrix[chosen].std(axis=0), matrix[chosen].std(axis=0, ddof=1))
    spread = np.where(spread > 0, spread, 1.0)
    before = (matrix[chosen].mean(axis=0) - matrix[~chosen].mean(axis=0)) / spread
    means = [np.average(matrix[part], axis=0, weights=weights[part]) for part in (chosen, ~chosen)]
    after = (means[0] - means[1]) / spread
    return [
        {"term": name, "kind": "covariate", "value": means[1][j], "smd_before": before[j], "smd_after": after[j]}
        for j, name in enumerate(names)
    ]


def _checks(
    largest: float, scores: Vector | None, chosen: NDArray[np.bool_], weights: Vector, *, corrected: bool
) -> tuple[Check, ...]:
    lost, load = int((weights[chosen] == 0).sum()), weights[~chosen]
    effective, size = float(load.sum() ** 2 / (load**2).sum()), int((weights[chosen] > 0).sum())
    left = shown(largest, "ratio")
    checks = [
        judged(
            "balance",
            largest < BALANCED,
            msg("the two groups resemble each other on every covariate"),
            msg(
                "the two groups still differ by {largest} standard deviations on a covariate: there the effect rests on a regression",
                largest=left,
            )
            if corrected
            else msg("the two groups still differ by {largest} standard deviations on a covariate", largest=left),
        ),
        judged(
            "all treated kept",
            lost == 0,
            msg("every treated unit is kept"),
            msg("{n} treated units have no equivalent and are left out", n=Quantity(lost)),
        ),
        judged(
            "weights spread",
            effective >= size * SPREAD,
            msg("enough comparison units carry the weight"),
            msg(
                "the weight rests on few comparison units ({effective} for {n} treated ones): the interval may be too short",
                effective=Quantity(effective, "count", 1),
                n=Quantity(size),
            ),
        ),
    ]
    if scores is not None:
        outside = int((scores[chosen] > scores[~chosen].max()).sum())
        checks.append(
            judged(
                "overlap",
                outside == 0,
                msg("every treated unit has comparison units with as high a score"),
                msg("{n} treated units have a score above that of any comparison unit", n=Quantity(outside)),
            )
        )
    return tuple(checks)
