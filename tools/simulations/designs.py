"""Thresholds, single series, comparison groups, comparators, durations, rings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats import (
    change_against_comparators,
    interrupted_time_series,
    match,
    regression_discontinuity,
    spillover,
    survival,
)
from simulations.measure import Array, Draw, Simulation

JUMP = 0.5


def _threshold(count: int, *, counts: bool = False, steps: int = 0, curved: bool = False) -> Draw:
    """Territories around a threshold at 0: the running variable in column 0, the outcome in column 1."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        x = random.uniform(-1, 1, (replications, count))
        x = (np.floor(x * steps) + 0.5) / steps if steps else x
        above = x >= 0
        smooth = 0.8 * x - (2.0 * x**2 if curved else 0) + (1.5 * x**3 if curved else 0)
        if counts:
            mean = 4 + smooth
            return tuple(np.stack([x, random.poisson(mean + j * above)], axis=2) for j in (2 * JUMP, 0))  # type: ignore[return-value]
        base = smooth + random.normal(0, 0.5, x.shape)
        return np.stack([x, base + JUMP * above], axis=2), np.stack([x, base], axis=2)

    return draw


def _discontinuity(label: str, text: str, draw: Draw, truth: float = JUMP, why: str = "") -> Simulation:
    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame(data, columns=["x", "y"])
        return regression_discontinuity(frame, outcome="y", running="x", cutoff=0)

    return Simulation(
        f"regression_discontinuity/{label}", "regression_discontinuity", "robust interval, conventional jump", text,
        truth, draw, ask, why=why,
    )  # fmt: skip


def _series(count: int, persistence: float, family: str, mean: float = 5.0, spread: float = 1.0) -> Draw:
    """One series with a trend and a jump in its middle."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        after = np.arange(count) >= count // 2
        line = 0.01 * np.arange(count)
        if family == "gaussian":
            noise = random.normal(size=(replications, count))
            for t in range(1, count):
                noise[:, t] = persistence * noise[:, t - 1] + math.sqrt(1 - persistence**2) * noise[:, t]
            return line + after + noise, line + noise
        shape = (replications, count)
        extra = random.gamma(1 / (spread - 1) * mean, (spread - 1) / mean, shape) if spread > 1 else np.ones(shape)
        rate = mean * np.exp(line) * extra
        return random.poisson(rate * np.exp(JUMP * after)).astype(float), random.poisson(rate).astype(float)

    return draw


def _interrupted(label: str, text: str, draw: Draw, family: str = "gaussian", why: str = "") -> Simulation:
    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame({"t": np.arange(len(data)), "y": data})
        return interrupted_time_series(frame, outcome="y", time="t", start=len(data) // 2, family=family)

    return Simulation(
        f"interrupted_time_series/{family}/{label}", "interrupted_time_series", family, text,
        1.0 if family == "gaussian" else JUMP, draw, ask, log=family != "gaussian", why=why,
    )  # fmt: skip


def _groups(count: int, pull: float, *, counts: bool = False, bent: bool = False, intercept: float = -1.0) -> Draw:
    """Units with two covariates that decide of the programme and of the outcome: columns treated, a, b, y."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        a, b = random.normal(size=(2, replications, count))
        treated = (random.random(a.shape) < 1 / (1 + np.exp(-(intercept + pull * (a + 0.5 * b))))).astype(float)
        smooth = a + 0.5 * b + (0.7 * a**2 if bent else 0)
        if counts:
            mean = 3 + np.clip(smooth, -2, None)
            return tuple(  # type: ignore[return-value]
                np.stack([treated, a, b, random.poisson(mean + effect * treated)], axis=2) for effect in (1.0, 0.0)
            )
        base = smooth + random.normal(size=a.shape)
        return np.stack([treated, a, b, base + treated], axis=2), np.stack([treated, a, b, base], axis=2)

    return draw


def _matched(label: str, text: str, draw: Draw, method: str, why: str = "") -> Simulation:
    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame(data, columns=["d", "a", "b", "y"])
        return match(frame, treated="d", covariates=["a", "b"], outcome="y", method=method)

    return Simulation(f"match/{method}/{label}", "match", method, text, 1.0, draw, ask, why=why)


def _comparators(label: str, text: str, noise: Callable[[np.random.Generator, tuple[int, int]], Array], count: int,
                 why: str = "", worst: int = 0) -> Simulation:  # fmt: skip
    """A territory (first column) and its comparators; with `worst`, the territory is the lowest starter of `worst`."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        changes = noise(random, (replications, count + 1))
        if worst:
            starts = random.normal(size=(replications, count + 1))
            changes = random.normal(size=changes.shape) - starts
            order = starts.argsort(axis=1)
            changes = np.take_along_axis(changes, order, axis=1)
        effect = np.zeros(count + 1)
        effect[0] = 2.0
        return changes + effect, changes

    def ask(data: Array) -> Estimate:
        return change_against_comparators(float(data[0]), data[1:])

    return Simulation(
        f"change_against_comparators/{label}", "change_against_comparators", "placebo", text, 2.0, draw, ask, 500,
        why=why,
    )  # fmt: skip


def _lasting(count: int, *, whole_years: bool = False) -> Draw:
    """Two groups of structures, half of them followed 4 to 8 years only: columns group, duration, event."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        group = np.repeat([0.0, 1.0], count)[None, :].repeat(replications, axis=0)

        def observed(means: tuple[float, float]) -> Array:
            lives = random.exponential(np.where(group == 0, *means))
            seen = random.uniform(4, 8, group.shape)
            ended, duration = lives <= seen, np.minimum(lives, seen)
            return np.stack([group, np.ceil(duration) if whole_years else duration, ended], axis=2)

        return observed((8.0, 4.0)), observed((6.0, 6.0))

    return draw


def _survival(label: str, text: str, draw: Draw) -> Simulation:
    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame({"group": np.where(data[:, 0] == 0, "a", "b"), "years": data[:, 1], "closed": data[:, 2]})
        return survival(frame, duration="years", event="closed", group="group", at=(3,))

    return Simulation(
        f"survival/{label}", "survival", "difference at 3 years, log-rank test", text,
        math.exp(-3 / 8) - math.exp(-3 / 4), draw, ask,
    )  # fmt: skip


def _rings(inside: int, *, counts: bool = False, leak: float = 0.5) -> Draw:
    """Places at growing distance over 6 years, the first ones treated, the next ones touched: one row per place."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        size = 6 * inside
        effect = np.zeros((size, 6))
        effect[:inside, 3:], effect[inside : 2 * inside, 3:] = 1.0, leak
        if counts:
            base = random.uniform(2, 6, (replications, size, 1)) + np.zeros(6)
            return random.poisson(base + effect).astype(float), random.poisson(base).astype(float)
        base = random.normal(0, 1, (replications, size, 1)) + random.normal(size=(replications, size, 6))
        return base + effect, base

    return draw


def _spillover(label: str, text: str, draw: Draw) -> Simulation:
    def ask(data: Array) -> Estimate:
        size = len(data)
        distance = np.repeat(np.arange(size) // (size // 6), 6) * 400.0
        frame = pd.DataFrame(
            {"p": np.repeat(np.arange(size), 6), "t": np.tile(np.arange(6), size), "m": distance, "y": data.ravel()}
        )
        return spillover(frame, outcome="y", unit="p", time="t", distance="m", start=3, rings=[600.0])

    return Simulation(
        f"spillover/{label}", "spillover", "inside, against places beyond the ring", text, 1.0, draw, ask,
        why="few places inside: the clustered error leans on few numbers",
    )  # fmt: skip


def _normal(random: np.random.Generator, shape: tuple[int, int]) -> Array:
    return random.normal(size=shape)


def _heavy(random: np.random.Generator, shape: tuple[int, int]) -> Array:
    return random.standard_t(3, shape)


def _counted(random: np.random.Generator, shape: tuple[int, int]) -> Array:
    return (random.poisson(4, shape) - random.poisson(4, shape)).astype(float)


SMALL_ERROR = "the nearest-neighbour error is a little too small, and the window is chosen on the same data"
FEW_STAND = "few comparison units stand for many treated ones: the check of the weights fails"
CHOSEN = "regression to the mean: a territory chosen because it stood lowest rises by itself"


def simulations() -> Iterator[Simulation]:
    """Yield the rows of these designs."""
    yield _discontinuity("smooth_500", "500 territories, straight lines", _threshold(500))
    yield _discontinuity("curved_500", "500 territories, curves", _threshold(500, curved=True))
    yield _discontinuity("few_120", "120 territories, curves", _threshold(120, curved=True))
    yield _discontinuity(
        "discrete_500", "500 territories, 40 different values of the running variable", _threshold(500, steps=20)
    )
    yield _discontinuity(
        "small_counts_500",
        "500 territories, Poisson counts about 4",
        _threshold(500, counts=True),
        2 * JUMP,
        SMALL_ERROR,
    )
    yield _interrupted("independent_40", "40 periods, independent", _series(40, 0, "gaussian"))
    yield _interrupted("independent_120", "120 periods, independent", _series(120, 0, "gaussian"))
    yield _interrupted("persistent_40", "40 periods, autocorrelation 0.5", _series(40, 0.5, "gaussian"))
    yield _interrupted("persistent_120", "120 periods, autocorrelation 0.5", _series(120, 0.5, "gaussian"))
    yield _interrupted("short_12", "12 periods, independent", _series(12, 0, "gaussian"))
    yield _interrupted("small_counts_40", "40 periods, counts about 5", _series(40, 0, "poisson"), "poisson")
    spread = _series(40, 0, "poisson", spread=2.0)
    yield _interrupted(
        "overdispersed_40",
        "40 periods, counts about 5, variance doubled",
        spread,
        "poisson",
        "the counts vary more than a Poisson law",
    )
    yield _interrupted("small_counts_40", "40 periods, counts about 5", _series(40, 0, "poisson"), "quasipoisson")
    yield _interrupted("overdispersed_40", "40 periods, counts about 5, variance doubled", spread, "quasipoisson")
    yield _interrupted(
        "short_12",
        "12 periods, counts about 5",
        _series(12, 0, "poisson"),
        "quasipoisson",
        "12 periods are few for a normal law",
    )
    for method in ("entropy", "propensity", "nearest"):
        yield _matched("200", "200 units, about 60 treated", _groups(200, 0.7), method)
        yield _matched("40", "40 units, about 12 treated", _groups(40, 0.7), method)
        yield _matched(
            "bent_200", "200 units, the outcome also hangs on a square", _groups(200, 0.7, bent=True), method
        )
        yield _matched("small_counts_200", "200 units, Poisson counts about 3", _groups(200, 0.7, counts=True), method)
        yield _matched(
            "unlike_200",
            "200 units, groups that hardly overlap",
            _groups(200, 2.0),
            method,
            FEW_STAND,
        )
    yield _comparators("normal_20", "20 comparators, normal changes", _normal, 20)
    yield _comparators("normal_60", "60 comparators, normal changes", _normal, 60)
    yield _comparators("heavy_40", "40 comparators, heavy tails (Student, 3 degrees)", _heavy, 40)
    yield _comparators("small_counts_40", "40 comparators, changes of counts about 4", _counted, 40)
    yield _comparators("few_12", "12 comparators, normal changes", _normal, 12, "12 comparators give no interval")
    yield _comparators("worst_of_40", "the lowest starter of 41, 40 comparators", _normal, 40, CHOSEN, 1)
    yield _survival("100_each", "100 structures in each group", _lasting(100))
    yield _survival("30_each", "30 structures in each group", _lasting(30))
    yield _survival("12_each", "12 structures in each group", _lasting(12))
    yield _survival("whole_years_30", "30 structures in each group, whole years only", _lasting(30, whole_years=True))
    yield _spillover("10_inside", "10 places inside, 10 in the ring, 40 beyond", _rings(10))
    yield _spillover("3_inside", "3 places inside, 3 in the ring, 12 beyond", _rings(3))
    yield _spillover("small_counts", "10 places inside, Poisson counts of 2 to 6", _rings(10, counts=True))
