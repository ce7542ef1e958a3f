"""Trends that may bend a little every period: Rambachan and Roth's smoothness bound and its shortest interval."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from evalkit.stats._honest import Course
from evalkit.stats._inputs import Matrix, Vector


def folded_quantile(shift: float, level: float) -> float:
    """Return the quantile of |N(shift, 1)|."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    return float(brentq(lambda c: ndtr(c - shift) - ndtr(-c - shift) - level, 0.0, abs(shift) + 10.0, xtol=1e-12))


def smooth_interval(course: Course, bound: float, level: float) -> tuple[float, float]:
    """Return the shortest fixed-length interval when the slope of the deviation changes by at most `bound` a period."""
    from scipy.optimize import minimize

    k, scale = course.early, course.se
    times = np.r_[np.arange(-k, 0), np.arange(1, course.late + 1)].astype(float)
    bends = _bends(k, course.late)
    late = np.r_[np.zeros(k), course.target]
    # weights before that cancel any straight drift: v = base + null @ x
    base = np.zeros(k)
    base[-1] = float(times @ late)
    null = np.linalg.svd(times[None, :k])[2][1:].T

    def whole(x: Vector) -> Vector:
        return np.asarray(np.r_[base + null @ x, course.target])

    def spread(v: Vector) -> float:
        return math.sqrt(float(v @ course.sigma @ v)) / scale

    def length(v: Vector) -> float:
        deviation, error = bound * float(np.abs(bends @ v).sum()) / scale, spread(v)
        return error * folded_quantile(deviation / error, level)

    calm = course.sigma[:k, :k]
    pull = calm @ base + course.sigma[:k, k:] @ course.target
    start = -np.linalg.lstsq(null.T @ calm @ null, null.T @ pull, rcond=None)[0] if k > 1 else np.zeros(0)
    best = start
    if k > 1 and bound > 0:
        many = len(bends)

        def objective(z: Vector) -> float:
            error = spread(whole(z[: k - 1]))
            return error * folded_quantile(bound * float(z[k - 1 :].sum()) / scale / error, level)

        def room(z: Vector) -> Vector:
            turned = bends @ whole(z[: k - 1])
            return np.asarray(np.r_[z[k - 1 :] - turned, z[k - 1 :] + turned])

        least = _least_bias(bends, whole, k)
        for begin in (start, least, (start + least) / 2):
            first = np.r_[begin, np.abs(bends @ whole(begin)) + 1e-9]
            found = minimize(
                objective, first, method="SLSQP", bounds=[(None, None)] * (k - 1) + [(0, None)] * many,
                constraints={"type": "ineq", "fun": room}, options={"maxiter": 500, "ftol": 1e-12},
            )  # fmt: skip
            best = min((best, found.x[: k - 1], begin), key=lambda x: length(whole(x)))
    v = whole(best)
    centre, half = float(v @ course.beta), length(v) * scale
    return centre - half, centre + half


def _bends(early: int, late: int) -> Matrix:
    """Return what each change of slope, at −early+1 … late−1, adds to each period."""
    times = np.r_[np.arange(-early, 0), np.arange(1, late + 1)]
    rows = [np.where(times < s, s - times, 0) for s in range(-early + 1, 1)]
    rows += [np.where(times > s, times - s, 0) for s in range(1, late)]
    return np.array(rows, dtype=float)


def _least_bias(bends: Matrix, whole: Callable[[Vector], Vector], k: int) -> Vector:
    """Return the weights with the least worst-case bias: a linear programme."""
    from scipy.optimize import linprog

    origin = bends @ whole(np.zeros(k - 1))
    slopes = np.column_stack([bends @ whole(e) - origin for e in np.eye(k - 1)])
    many = len(bends)
    blocks = np.block([[slopes, -np.eye(many)], [-slopes, -np.eye(many)]])
    found = linprog(
        np.r_[np.zeros(k - 1), np.ones(many)], A_ub=blocks, b_ub=np.r_[-origin, origin],
        bounds=[(None, None)] * (k - 1) + [(0, None)] * many,
    )  # fmt: skip
    return np.asarray(found.x[: k - 1])
