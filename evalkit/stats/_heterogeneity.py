"""The variance between territories of a meta-analysis: DerSimonian-Laird, Paule-Mandel and REML, with Q-profile limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.stats._inputs import Matrix, Vector
from evalkit.stats._laws import chi2_quantile

SMALLEST = 1e-6
SCANNED = 80


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
    """Return the τ² ≥ 0 of the highest restricted likelihood: zero, or one of the places where its slope turns negative."""
    from scipy.optimize import brentq

    rest = effects - design @ np.linalg.lstsq(design, effects, rcond=None)[0]
    top = float(noise.max() + rest @ rest)
    while _slopes(effects, noise, design, np.array([top]))[0][0] > 0:
        top *= 4
    tried = np.r_[0.0, np.geomspace(SMALLEST * min(float(noise.min()), top), top, SCANNED)]
    slopes = _slopes(effects, noise, design, tried)[0]
    turns = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] <= 0))

    def slope(tau2: float) -> float:
        return float(_slopes(effects, noise, design, np.array([tau2]))[0][0])

    found = [brentq(slope, tried[i], tried[i + 1], xtol=1e-15 * tried[i + 1], rtol=1e-14) for i in turns]
    candidates = np.array([0.0, *found])
    return float(candidates[_slopes(effects, noise, design, candidates)[1].argmax()])


def _slopes(effects: Vector, noise: Vector, design: Matrix, tau2: Vector) -> tuple[Vector, Vector]:
    """Return the slope of the restricted log-likelihood, and the log-likelihood, at each τ²."""
    weights = 1 / (noise + tau2[:, None])
    weighted = weights[:, :, None] * design
    inverse = np.linalg.inv(np.einsum("np,tnq->tpq", design, weighted))
    beta = np.einsum("tpq,tnq,n->tp", inverse, weighted, effects)
    projected = weights * (effects - beta @ design.T)
    trace = weights.sum(axis=1) - np.einsum("tpq,tnq,tnp->t", inverse, weighted, weighted, optimize=True)
    squares = (projected**2 / weights).sum(axis=1)
    likelihood = 0.5 * (np.log(weights).sum(axis=1) + np.linalg.slogdet(inverse)[1] - squares)
    return 0.5 * ((projected**2).sum(axis=1) - trace), likelihood
