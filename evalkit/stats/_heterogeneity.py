"""The variance between territories of a meta-analysis: DerSimonian-Laird, Paule-Mandel and REML, with Q-profile limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._laws import chi2_quantile
from evalkit.text import msg


@dataclass(frozen=True)
class Fit:
    """A weighted fit for a given variance between territories."""

    coefficients: list[float]
    covariance: Matrix
    q: float
    df: int
    n: int
    tau2: float


def fit(effects: Vector, noise: Vector, design: Matrix, tau2: float) -> Fit:
    """Return the generalised least squares fit with weights `1/(v + τ²)`."""
    weights = 1 / (noise + tau2)
    covariance: Matrix = np.linalg.inv(design.T @ (weights[:, None] * design)).astype(np.float64)
    coefficients = covariance @ (design.T @ (weights * effects))
    residuals = effects - design @ coefficients
    n, p = design.shape
    return Fit(
        [float(b) for b in coefficients], covariance, float((weights * residuals**2).sum()), n - p, n, float(tau2)
    )


def heterogeneity(effects: Vector, noise: Vector, design: Matrix, method: str) -> float:
    """Return τ² by the named method, never below zero."""
    if method == "DL":
        return _moments(effects, noise, design)
    return (
        _root_of_q(effects, noise, design, float(len(effects) - design.shape[1]))
        if method == "PM"
        else _reml(effects, noise, design)
    )


def tau2_interval(effects: Vector, noise: Vector, design: Matrix, level: float) -> tuple[float, float]:
    """Return the Q-profile limits of τ²."""
    df = len(effects) - design.shape[1]
    tail = (1 - level) / 2
    return (
        _root_of_q(effects, noise, design, chi2_quantile(1 - tail, df)),
        _root_of_q(effects, noise, design, chi2_quantile(tail, df)),
    )


def _projection(noise: Vector, design: Matrix, tau2: float) -> Matrix:
    weights = 1 / (noise + tau2)
    weighted = weights[:, None] * design
    projection: Matrix = np.diag(weights) - weighted @ np.linalg.solve(design.T @ weighted, weighted.T)
    return projection


def _moments(effects: Vector, noise: Vector, design: Matrix) -> float:
    start = fit(effects, noise, design, 0.0)
    return max(0.0, (start.q - start.df) / float(np.trace(_projection(noise, design, 0.0))))


def _root_of_q(effects: Vector, noise: Vector, design: Matrix, goal: float) -> float:
    """Return the τ² at which the generalised Q equals `goal` (0 where Q is already below it)."""
    from scipy.optimize import brentq

    def excess(tau2: float) -> float:
        return fit(effects, noise, design, tau2).q - goal

    if excess(0.0) <= 0:
        return 0.0
    top = float(noise.max() + effects.var() + 1e-12)
    while excess(top) > 0:
        top *= 4
    return float(brentq(excess, 0.0, top, xtol=1e-14 * top, rtol=1e-14))


def _reml(effects: Vector, noise: Vector, design: Matrix) -> float:
    """Fisher scoring on the restricted likelihood, halving a step that lowers it."""
    tau2 = _moments(effects, noise, design)
    current = _restricted_likelihood(effects, noise, design, tau2)
    for _ in range(500):
        projection = _projection(noise, design, tau2)
        projected = projection @ effects
        step = float((projected @ projected - np.trace(projection)) / np.trace(projection @ projection))
        for _ in range(60):
            proposed = max(0.0, tau2 + step)
            likelihood = _restricted_likelihood(effects, noise, design, proposed)
            if likelihood >= current - 1e-12:
                break
            step /= 2
        moved = abs(proposed - tau2)
        tau2, current = proposed, likelihood
        if moved <= 1e-12 * (tau2 + float(noise.min())):
            return tau2
    raise StatsError.of(codes.NO_CONVERGENCE, what=msg("the variance between territories"))


def _restricted_likelihood(effects: Vector, noise: Vector, design: Matrix, tau2: float) -> float:
    found = fit(effects, noise, design, tau2)
    return -0.5 * float(np.log(noise + tau2).sum() - np.linalg.slogdet(found.covariance)[1] + found.q)
