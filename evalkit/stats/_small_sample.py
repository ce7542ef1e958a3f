"""Two-way fixed effects with few clusters: `CR2` and `CR3` in place of the usual cluster errors."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._cluster_variance import one_way, satterthwaite
from evalkit.stats._inputs import Row, table
from evalkit.stats._laws import t_p, two_sided_t
from evalkit.stats.panel.data import read_panel
from evalkit.stats.panel.estimation import answer
from evalkit.stats.panel.estimators import estimated
from evalkit.stats.panel.regression import orthonormal
from evalkit.stats.panel.request import Request


def small_sample(frame: pd.DataFrame, request: Request, kind: str) -> Estimate:
    """Return the answer of `twfe` with its errors replaced by those of `CR2` or `CR3`.

    Territory effects are absorbed: they are nested in the clusters, so that leaving them out of the leverage changes nothing
    (Pustejovsky & Tipton 2018). One treated cluster keeps having no interval.
    """
    plain = answer(frame, request)
    panel = read_panel(
        frame, outcome=request.outcome, unit=request.unit, time=request.time, first_treated=request.first_treated,
        covariates=request.covariates, weights=request.weights, cluster=request.cluster, never=request.never,
    )  # fmt: skip
    found = estimated(panel, request)
    if found.regression is None or plain.table is None or plain.se is None:
        return plain
    regression = found.regression
    groups = np.unique(found.panel.clusters, return_inverse=True)[1].astype(np.int64)[regression.unit]
    pull = regression.columns @ regression.bread
    basis = np.column_stack([regression.basis, orthonormal(regression.columns)])
    spread = one_way(pull, basis, regression.residuals, groups, kind, regression.parameters)
    clusters = len(np.unique(groups))
    free = [satterthwaite(pull[:, j], basis, groups) if kind == "CR2" else clusters - 1 for j in range(pull.shape[1])]
    if not all(math.isfinite(df) and df > 0 for df in free):
        raise StatsError.of(codes.NOT_IDENTIFIED)
    names = plain.table["term"].tolist()
    rows = [
        _row(names[j], float(regression.coefficients[j]), math.sqrt(spread[j, j]), free[j], request.level, plain.table["n"].iloc[j])
        for j in range(len(names))
    ]  # fmt: skip
    return replace(
        plain,
        se=rows[0]["se"],
        lower=rows[0]["lower"],
        upper=rows[0]["upper"],
        p_value=rows[0]["p_value"],
        table=table(rows),
        covariance=pd.DataFrame(spread, index=names, columns=names),
        details={**plain.details, "covariance": kind, "df": float(free[0])},
    )


def _row(term: str, value: float, se: float, df: float, level: float, n: object) -> Row:
    half = two_sided_t(level, df) * se
    p = t_p(value / se, df) if se > 0 else None
    return {"term": term, "value": value, "se": se, "lower": value - half, "upper": value + half, "p_value": p, "n": n}
