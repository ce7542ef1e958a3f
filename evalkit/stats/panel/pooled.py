"""Repeated cross-sections: other persons or dwellings each time, so that only groups can be followed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._cluster_variance import Groups, one_way, satterthwaite
from evalkit.stats._inputs import Matrix, Vector, all_positive, column, judged, labels, need_columns, table
from evalkit.stats._laws import t_p, two_sided_t
from evalkit.stats.panel.choice import MANY_CLUSTERS
from evalkit.stats.panel.data import treatment_dates
from evalkit.text import Quantity, msg

NOISE = 1e-6
"""Below this share of the classical error, clusters that the effects fit fully leave rounding errors only."""


def pooled_effect(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    covariates: Sequence[str],
    weights: str | None,
    cluster: str | None,
    never: float | str | None,
    level: float,
    measure: str,
    inference: str | None = None,
) -> Estimate:
    """Return the two-way fixed effects estimate when a group holds several rows a period.

    With fewer than 50 stated clusters the interval is that of `CR2` with the degrees of freedom of Bell and McCaffrey, but where the
    inference asked for is `analytic`.
    """
    need_columns(frame, outcome, unit, time, first_treated, weights, cluster, *covariates)
    y, when = column(frame, outcome), column(frame, time)
    load = np.ones(len(y)) if weights is None else column(frame, weights)
    all_positive(load, weights or "weights")
    treated = (when >= treatment_dates(frame[first_treated], never)).astype(float)
    groups = pd.get_dummies(pd.Series(labels(frame, unit)).astype(str), dtype=float).to_numpy()
    periods = pd.get_dummies(pd.Series(when), drop_first=True, dtype=float).to_numpy()
    design = np.column_stack([treated, groups, periods, *(column(frame, name) for name in covariates)])
    root = np.sqrt(load / load.mean())[:, None]
    scaled = design * root
    size = np.sqrt((scaled**2).sum(axis=0))
    if (size == 0).any() or np.linalg.matrix_rank(scaled / size, tol=1e-9) < design.shape[1]:
        raise StatsError.of(codes.NOT_IDENTIFIED)
    bread = np.linalg.inv(scaled.T @ scaled)
    beta = bread @ (scaled.T @ (y * root[:, 0]))
    rest = y * root[:, 0] - scaled @ beta
    n, k = scaled.shape
    classical = math.sqrt(bread[0, 0] * float(rest @ rest) / (n - k))
    who = np.arange(n) if cluster is None else pd.factorize(pd.Series(labels(frame, cluster)))[0]
    sums = np.zeros((int(who.max()) + 1, k))
    np.add.at(sums, who, scaled * rest[:, None])
    count = len(sums)
    factor = n / (n - k) if cluster is None else count / (count - 1) * (n - 1) / (n - k)
    se = math.sqrt(factor * float((bread @ (sums.T @ sums) @ bread)[0, 0]))
    df: float = n - k if cluster is None else count - 1
    value, few = float(beta[0]), cluster is not None and inference is None and count < MANY_CLUSTERS
    law: tuple[float, float] | None = (se, df)
    if few:
        law = _few_clusters(scaled, rest, bread, who.astype(np.int64))
    if se <= NOISE * classical:
        law = None
    half = None if law is None else two_sided_t(level, law[1]) * law[0]
    p = None if law is None else t_p(value / law[0], law[1])
    lower, upper = (None, None) if half is None else (value - half, value + half)
    total = float(((y - np.average(y, weights=load)) ** 2 * root[:, 0] ** 2).sum())
    row = {
        "term": "effect",
        "value": value,
        "se": None if law is None else se,
        "lower": lower,
        "upper": upper,
        "p_value": p,
        "n": n,
    }
    return Estimate(
        value=value,
        method="twfe_pooled",
        unit=measure,
        se=None if law is None else se,
        lower=lower,
        upper=upper,
        p_value=p,
        confidence=level,
        n=n,
        table=table([row]),
        checks=(
            judged(
                "same persons followed",
                False,
                msg("the same persons are followed"),
                msg(
                    "other persons or dwellings are seen each time: a change of who is there would look like an effect"
                ),
            ),
            *(() if law is not None else (_none(count, len(np.unique(who[treated > 0]))),)),
        ),
        details={
            "classical_se": classical,
            "r2": 1 - float(rest @ rest) / total,
            "df": None if law is None else law[1],
            "inference": "CR2" if few else "analytic",
        },
    )


def _few_clusters(design: Matrix, rest: Vector, bread: Matrix, groups: Groups) -> tuple[float, float] | None:
    """Return the `CR2` error of the effect and its degrees of freedom, None where the clusters leave none."""
    basis, pull = np.linalg.qr(design)[0], design @ bread
    df, spread = satterthwaite(pull[:, 0], basis, groups), one_way(pull, basis, rest, groups, "CR2", design.shape[1])
    fine = math.isfinite(df) and df > NOISE and spread[0, 0] > 0
    return (math.sqrt(spread[0, 0]), max(1.0, df)) if fine else None


def _none(clusters: int, treated: int) -> Check:
    text = msg(
        "{n} clusters, {treated} of them treated, are too few for an interval",
        n=Quantity(clusters), treated=Quantity(treated),
    )  # fmt: skip
    return Check("enough clusters", False, text)
