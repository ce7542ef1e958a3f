"""A regression whose errors follow one another: least squares with errors of first-order autocorrelation, found by REML."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.stats._inputs import Matrix, Vector

LOWEST, HIGHEST = -0.9, 0.99
SCANNED = 40
STEP = 1e-3
FLAT = 1e-3
EXACT = 1e-24


@dataclass(frozen=True)
class Serial:
    """Coefficients with their covariance and degrees of freedom, the autocorrelation, what is left once it is taken out."""

    beta: Vector
    covariance: Matrix
    df: Vector
    rho: float
    left: Vector


def serial_regression(y: Vector, design: Matrix, times: Vector, *, weighted: bool) -> Serial:
    """Return least squares (generalised ones where `weighted`) with errors of REML autocorrelation and Satterthwaite degrees.

    The degrees of freedom count how uncertain the autocorrelation is: `2 / Var(log v̂)` of the variance v̂ of a coefficient, by
    the delta method on the restricted likelihood. Periods without a row are allowed for.
    """
    from scipy.optimize import minimize_scalar

    model = _Model(y, design, np.diff(times) / np.diff(times).min(), weighted)
    beta = np.asarray(np.linalg.lstsq(design, y, rcond=None)[0], dtype=np.float64)
    rest = y - design @ beta
    if float(rest @ rest) <= EXACT * float(y @ y):
        size = design.shape[1]
        return Serial(beta, np.zeros((size, size)), np.full(size, float(model.free)), 0.0, rest)
    low = LOWEST if np.allclose(model.gaps, np.round(model.gaps), atol=1e-6) else 0.0
    grid = np.linspace(low, HIGHEST, SCANNED)
    best = int(np.argmax([model.likelihood(rho) for rho in grid]))
    around = (grid[max(best - 1, 0)], grid[min(best + 1, SCANNED - 1)])
    found = minimize_scalar(
        lambda rho: -model.likelihood(rho), bounds=around, method="bounded", options={"xatol": 1e-9}
    )
    rho = float(found.x)
    covariance = model.covariance(rho)
    chosen = model.coefficients(rho) if weighted else beta
    return Serial(chosen, covariance, model.degrees(min(max(rho, low + STEP), HIGHEST - STEP)), rho,
                  model.whitened((y - design @ chosen)[:, None], rho)[:, 0])  # fmt: skip


@dataclass(frozen=True)
class _Model:
    y: Vector
    design: Matrix
    gaps: Vector
    weighted: bool

    @property
    def free(self) -> int:
        return len(self.design) - len(self.design.T)

    def pulls(self, rho: float) -> tuple[Vector, Vector]:
        """Return how far each period but the first follows the one before, and the deviation of what is new in it."""
        whole = np.round(self.gaps) if rho < 0 else self.gaps
        pull = np.sign(rho) ** whole * abs(rho) ** whole
        return pull, np.sqrt(1 - pull**2)

    def whitened(self, values: Matrix, rho: float) -> Matrix:
        """Return the columns with the autocorrelation taken out."""
        pull, new = self.pulls(rho)
        return np.vstack([values[:1], (values[1:] - pull[:, None] * values[:-1]) / new[:, None]])

    def fit(self, rho: float) -> tuple[Vector, Matrix, float]:
        """Return generalised least squares: coefficients, inverse of the information, sum of squares."""
        both = self.whitened(np.column_stack([self.design, self.y]), rho)
        design, y = both[:, :-1], both[:, -1]
        inverse = np.asarray(np.linalg.pinv(design.T @ design), dtype=np.float64)
        beta = np.asarray(np.linalg.lstsq(design, y, rcond=None)[0], dtype=np.float64)
        return beta, inverse, float(((y - design @ beta) ** 2).sum())

    def coefficients(self, rho: float) -> Vector:
        """Return generalised least squares."""
        return self.fit(rho)[0]

    def likelihood(self, rho: float) -> float:
        """Return the restricted log-likelihood, the variance profiled out."""
        _, inverse, squares = self.fit(rho)
        spread = 2 * np.log(self.pulls(rho)[1]).sum() - np.linalg.slogdet(inverse)[1]
        return -0.5 * float(spread + self.free * np.log(squares))

    def covariance(self, rho: float) -> Matrix:
        """Return the covariance of the coefficients when this is the autocorrelation."""
        _, inverse, squares = self.fit(rho)
        if not self.weighted:
            pull, new = self.pulls(rho)
            coloured = self.design.copy()
            for i in range(len(pull) - 1, -1, -1):
                coloured[i] += pull[i] * coloured[i + 1]
            coloured[1:] *= new[:, None]
            plain = np.linalg.pinv(self.design.T @ self.design)
            inverse = plain @ (coloured.T @ coloured) @ plain
        return np.asarray(squares / self.free * inverse)

    def degrees(self, rho: float) -> Vector:
        """Return Satterthwaite's degrees of freedom of each coefficient."""
        low, here, high = (self.likelihood(rho + d) for d in (-STEP, 0.0, STEP))
        curve = max((2 * here - low - high) / STEP**2, FLAT)
        ends = [np.log(np.diag(self.covariance(rho + d))) for d in (-STEP, STEP)]
        slope = (ends[1] - ends[0]) / (2 * STEP)
        return np.asarray(np.maximum(2 / (2 / self.free + slope**2 / curve), 1.0))
