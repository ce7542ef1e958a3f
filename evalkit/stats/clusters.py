"""Regression whose errors allow for clusters, crossed clusters, or neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.stats._cluster_variance import Groups, neighbour_covariance, one_way, satterthwaite, two_way_clusters
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
    labels,
    need_columns,
    positive,
    refuse_constant,
    shown,
    table,
)
from evalkit.stats._laws import normal_p, t_p, two_sided_t, two_sided_z
from evalkit.text import Quantity, msg

COVARIANCES = ("classical", "HC1", "CR0", "CR1", "CR2", "CR3", "two_way", "conley")
FEW_CLUSTERS = 30


def linear_regression(
    frame: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    covariance: str = "HC1",
    cluster: str | None = None,
    second_cluster: str | None = None,
    position: tuple[str, str] | None = None,
    reach: float | None = None,
    kernel: str = "uniform",
    weights: str | None = None,
    confidence: float = 0.95,
    measure: str = "",
) -> Estimate:
    """Say how an outcome goes with other figures, with an error that does not take rows of one place for independent.

    Args:
        frame: one row per observation, complete.
        outcome: column of the outcome.
        regressors: columns of numbers; a constant is added.
        covariance: `classical`; `HC1` (unequal variances); `CR0`, `CR1` (clusters, as most programs), `CR2` (clusters, bias reduced, with the
            degrees of freedom of Bell and McCaffrey: the one for few clusters), `CR3` (jackknife of clusters); `two_way`; `conley`
            (neighbours within `reach`).
        cluster: column of clusters (`CR`, `two_way`).
        second_cluster: second column of clusters (`two_way`).
        position: two columns of coordinates in the unit of `reach` (`conley`).
        reach: distance within which rows depend on each other (`conley`).
        kernel: `uniform` or `bartlett` (falls linearly to zero at `reach`).
        weights: column of weights.
        confidence: level of the intervals.
        measure: unit of the outcome.

    Returns:
        The coefficient of the first regressor; `table` has all of them, `covariance` their covariance, `details["df"]` the degrees of
        freedom (G − 1 for clusters, those of the smaller way for `two_way`; none for `conley`).

    Raises:
        StatsError: a missing value, collinear regressors, fewer than two clusters, arguments that do not go together.

    When not to use it: as the effect of a programme, unless the comparison was designed so that the regression answers it.
    Assumption: rows of different clusters (or farther than `reach`) are independent.
    Formula: `(X'X)⁻¹ (Σ X_g'A_g e_g e_g'A_g'X_g) (X'X)⁻¹`, `A` = I (`CR0`, `CR1` times `G/(G−1) (N−1)/(N−K)`), `(I−H_gg)^(−1/2)` (`CR2`),
    `(I−H_gg)⁻¹` (`CR3`; the jackknife of other programs is this times `(G−1)/G`, or `G/(G−1)`); `two_way`: `V₁ + V₂ − V₁₂`.
    Source: Liang & Zeger (1986); Bell & McCaffrey (2002); Cameron, Gelbach & Miller (2011); MacKinnon, Nielsen & Webb (2023);
    Conley (1999) Journal of Econometrics 92.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"y": [1, 2, 4, 4, 6, 5], "x": [0, 1, 2, 3, 4, 5], "town": [1, 1, 2, 2, 3, 3]})
        >>> found = linear_regression(frame, outcome="y", regressors=["x"], covariance="CR2", cluster="town")
        >>> round(found.value, 3), found.details["clusters"]
        (0.914, 3)
    """
    choice(covariance, "covariance", COVARIANCES)
    choice(kernel, "kernel", ("bartlett", "uniform"))
    level = confidence_level(confidence)
    enough(len(regressors), 1, msg("regressors"))
    need_columns(frame, outcome, cluster, second_cluster, weights, *regressors, *(position or ()))
    _together(covariance, cluster, second_cluster, position, reach)
    fit = _fit(frame, outcome, regressors, weights)
    groups = [_groups(frame, name) for name in (cluster, second_cluster) if name is not None]
    where = None if position is None else np.column_stack([column(frame, name) for name in position])
    spread = _spread(fit, covariance, groups, where, reach, kernel)
    sizes = [int(ids.max()) + 1 for ids in groups] if covariance not in ("classical", "HC1", "conley") else []
    free = _degrees(fit, covariance, groups, sizes)
    names = ["intercept", *regressors]
    rows = [_row(names[j], float(fit.beta[j]), spread[j, j], free[j], level, len(frame)) for j in range(len(names))]
    first = rows[1]
    return Estimate(
        value=float(first["value"]),
        method=f"linear_regression_{covariance}",
        unit=measure,
        se=first["se"],
        lower=first["lower"],
        upper=first["upper"],
        p_value=first["p_value"],
        confidence=level,
        n=len(frame),
        table=table(rows),
        covariance=pd.DataFrame(spread, index=names, columns=names),
        checks=(_few(sizes),) if sizes else (),
        sentence=msg(
            "one more unit of {name} goes with {value}",
            name=str(regressors[0]),
            value=shown(float(first["value"]), measure, signed=True),
        ),
        details={"df": free[1], "clusters": min(sizes) if sizes else None},
    )


@dataclass(frozen=True)
class _Fit:
    beta: Vector
    pull: Matrix
    basis: Matrix
    residuals: Vector
    bread: Matrix

    @property
    def free(self) -> int:
        return len(self.residuals) - len(self.beta)


def _fit(frame: pd.DataFrame, outcome: str, regressors: Sequence[str], weights: str | None) -> _Fit:
    y = column(frame, outcome)
    refuse_constant(y, outcome)
    design = np.column_stack([np.ones(len(y)), *(column(frame, name) for name in regressors)])
    enough(len(y), design.shape[1] + 1, msg("observations"))
    load = np.ones(len(y)) if weights is None else column(frame, weights)
    all_positive(load, weights or "weights")
    root = np.sqrt(load / load.mean())
    scaled, goal = design * root[:, None], y * root
    size = np.sqrt((scaled**2).sum(axis=0))
    if (size == 0).any() or np.linalg.matrix_rank(scaled / size, tol=1e-10) < scaled.shape[1]:
        raise StatsError.of(codes.COLLINEAR)
    basis, upper = np.linalg.qr(scaled)
    inverse = np.linalg.inv(upper)
    beta = inverse @ (basis.T @ goal)
    return _Fit(beta, basis @ inverse.T, basis, goal - scaled @ beta, inverse @ inverse.T)


def _together(
    covariance: str, cluster: str | None, second: str | None, position: tuple[str, str] | None, reach: float | None
) -> None:
    """Refuse a covariance without what it needs."""
    needs: dict[str, tuple[tuple[str, object], ...]] = {
        "conley": (("position", position), ("reach", reach)),
        "two_way": (("cluster", cluster), ("second_cluster", second)),
    }
    wanted = needs.get(covariance, (("cluster", cluster),) if covariance.startswith("CR") else ())
    for name, given in wanted:
        if given is None:
            raise StatsError.of(codes.BOTH_OR_NONE, first=covariance, second=name)


def _groups(frame: pd.DataFrame, name: str) -> Groups:
    found: Groups = pd.factorize(pd.Series(labels(frame, name)))[0].astype(np.int64)
    enough(int(found.max()) + 1 if len(found) else 0, 2, msg("clusters"))
    return found


def _spread(
    fit: _Fit, covariance: str, groups: list[Groups], where: Matrix | None, reach: float | None, kernel: str
) -> Matrix:
    rest = fit.residuals
    if covariance == "classical":
        return np.asarray(fit.bread * float(rest @ rest) / fit.free)
    if covariance == "HC1":
        marks = fit.pull * rest[:, None]
        return np.asarray(len(rest) / fit.free * marks.T @ marks)
    if covariance == "conley" and where is not None:
        return neighbour_covariance(fit.pull, rest, where, positive(reach, "reach"), kernel)
    if covariance == "two_way":
        return two_way_clusters(fit.pull, fit.basis, rest, groups[0], groups[1], len(fit.beta))
    return one_way(fit.pull, fit.basis, rest, groups[0], covariance, len(fit.beta))


def _degrees(fit: _Fit, covariance: str, groups: list[Groups], sizes: list[int]) -> list[float | None]:
    if covariance == "conley":
        return [None] * len(fit.beta)
    if covariance == "CR2":
        return [satterthwaite(fit.pull[:, j], fit.basis, groups[0]) for j in range(len(fit.beta))]
    return [float(min(sizes) - 1 if sizes else fit.free)] * len(fit.beta)


def _row(term: str, value: float, variance: float, df: float | None, level: float, n: int) -> Row:
    se = math.sqrt(max(0.0, variance))
    if se <= 1e-14 * max(1.0, abs(value)):
        return {"term": term, "value": value, "se": None, "lower": None, "upper": None, "p_value": None, "n": n}
    half = (two_sided_z(level) if df is None else two_sided_t(level, df)) * se
    p = normal_p(value / se) if df is None else t_p(value / se, df)
    return {"term": term, "value": value, "se": se, "lower": value - half, "upper": value + half, "p_value": p, "n": n}


def _few(sizes: list[int]) -> Check:
    count = Quantity(min(sizes))
    return judged(
        "enough clusters",
        min(sizes) >= FEW_CLUSTERS,
        msg("{n} clusters are enough for this interval", n=count),
        msg("{n} clusters are few: prefer CR2 or CR3, or a wild bootstrap", n=count),
    )
