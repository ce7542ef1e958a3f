"""Intervals of shares, counts, rates, medians and averages; trends; cost per unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats import (
    cost_effectiveness,
    difference_of_proportions,
    linear_regression,
    mean_interval,
    median_interval,
    pool,
    proportion_interval,
    rate_interval,
    slope_index,
    small_area,
    standardised_rate,
    trend,
)
from simulations.measure import Array, Draw, Simulation

MANY = 1000


def _wilson(total: int, share: float) -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        return random.binomial(total, share, replications).astype(float), None

    def ask(count: Array) -> Estimate:
        return proportion_interval(float(count), total)

    return Simulation(
        f"proportion_interval/{total}_at_{100 * share:g}", "proportion_interval", "Wilson",
        f"{total} persons, share {100 * share:g}%", share, draw, ask, MANY,
        why="Wilson's interval covers 95% on average over shares, not at each of them" if total * share < 5 else "",
    )  # fmt: skip


def _rate(mean: float) -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        return random.poisson(mean, replications).astype(float), None

    def ask(count: Array) -> Estimate:
        return rate_interval(float(count), 1.0)

    return Simulation(
        f"rate_interval/{mean:g}_events", "rate_interval", "Byar, exact below 10", f"{mean:g} events expected", mean,
        draw, ask, MANY, why="an exact interval of few events covers more than it states" if mean < 10 else "",
    )  # fmt: skip


def _clustered_rate() -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        return random.poisson(random.gamma(15, 1, replications)).astype(float), None

    def ask(count: Array) -> Estimate:
        return rate_interval(float(count), 1.0)

    return Simulation(
        "rate_interval/15_events_clustered", "rate_interval", "Byar, exact below 10",
        "15 events expected, variance doubled", 15.0, draw, ask, MANY, why="events that come in clusters are not Poisson",
    )  # fmt: skip


def _standardised(label: str, text: str, events: list[float], people: list[float], why: str = "") -> Simulation:
    expected, size = np.array(events), np.array(people)
    standard = np.array([5500.0, 11000.0, 12000.0, 14000.0, 11500.0, 6000.0])

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        return random.poisson(expected, (replications, len(expected))).astype(float), None

    def ask(count: Array) -> Estimate:
        frame = pd.DataFrame({"count": count, "people": size, "standard": standard})
        return standardised_rate(frame, count="count", population="people", standard="standard", multiplier=1000)

    truth = 1000 * float((standard * expected / size).sum() / standard.sum())
    return Simulation(
        f"standardised_rate/{label}", "standardised_rate", "Dobson", text, truth, draw, ask, MANY, why=why
    )


def _newcombe(a: tuple[int, float], b: tuple[int, float]) -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        common = (a[1] + b[1]) / 2
        sizes = (a[0], b[0])
        return (
            random.binomial(sizes, (a[1], b[1]), (replications, 2)).astype(float),
            random.binomial(sizes, common, (replications, 2)).astype(float),
        )

    def ask(counts: Array) -> Estimate:
        return difference_of_proportions(float(counts[0]), a[0], float(counts[1]), b[0])

    return Simulation(
        f"difference_of_proportions/{a[0]}_at_{100 * a[1]:g}_{b[0]}_at_{100 * b[1]:g}", "difference_of_proportions",
        "Newcombe, score test", f"{a[0]} persons at {100 * a[1]:g}% and {b[0]} at {100 * b[1]:g}%", a[1] - b[1],
        draw, ask, MANY,
    )  # fmt: skip


def _median(count: int, *, rounded: bool = False) -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        prices = random.lognormal(0, 0.5, (replications, count)) * 2000
        return (np.round(prices, -3) if rounded else prices), None

    def ask(values: Array) -> Estimate:
        return median_interval(values)

    return Simulation(
        f"median_interval/{count}{'_rounded' if rounded else ''}", "median_interval", "order statistics",
        f"{count} skewed prices{', rounded to 1,000' if rounded else ''}", 2000.0, draw, ask, MANY,
        why="the limits are round numbers too: they hold a whole step of values" if rounded else "",
    )  # fmt: skip


def _mean(count: int, *, skewed: bool) -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        shape = (replications, count)
        return (random.lognormal(-0.5, 1.0, shape) if skewed else random.normal(1.0, 1.0, shape)), None

    def ask(values: Array) -> Estimate:
        return mean_interval(values)

    return Simulation(
        f"mean_interval/{count}_{'skewed' if skewed else 'normal'}", "mean_interval", "Student",
        f"{count} {'very skewed' if skewed else 'normal'} values", 1.0, draw, ask, MANY,
        why="few values of a very lopsided law: the median tells more" if skewed else "",
    )  # fmt: skip


def _regression(clusters: int, covariance: str, *, unequal: bool = False) -> Simulation:
    """Persons of some districts, a figure known by district: columns outcome, regressor, district."""
    sizes = np.where(np.arange(clusters) < clusters // 4, 60, 10) if unequal else np.full(clusters, 20)
    place = np.repeat(np.arange(clusters), sizes)

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        level, figure = random.normal(size=(2, replications, clusters))
        base = 0.5 * level[:, place] + random.normal(size=(replications, len(place)))
        known, where = figure[:, place], np.broadcast_to(place, base.shape).astype(float)
        return np.stack([base + known, known, where], axis=2), np.stack([base, known, where], axis=2)

    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame(data, columns=["y", "x", "district"])
        return linear_regression(frame, outcome="y", regressors=["x"], covariance=covariance, cluster="district")

    return Simulation(
        f"linear_regression/{covariance}/{clusters}{'_unequal' if unequal else ''}", "linear_regression", covariance,
        f"{clusters} districts{' of very unequal size' if unequal else ''}, regressor known by district", 1.0, draw, ask,
        300, why="few clusters: CR2 is made for them" if covariance == "CR1" else "",
    )  # fmt: skip


def _pool(count: int, spread: float, interval: str, *, unequal: bool = False) -> Simulation:
    """Effects of `count` territories, then their variances."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        low, high = (0.01, 1.0) if unequal else (0.05, 0.4)
        noise = random.uniform(low, high, (replications, count))
        effects = random.normal(0, np.sqrt(noise + spread**2))
        return np.stack([effects + 0.5, noise], axis=1), np.stack([effects, noise], axis=1)

    def ask(data: Array) -> Estimate:
        return pool(data[0], data[1], interval=interval)

    label = f"{count}{'_unequal' if unequal else ''}{'' if spread else '_alike'}"
    text = f"{count} territories, {f'deviation {spread:g} between them' if spread else 'no difference between them'}"
    few = "the normal law forgets that the variance between territories is estimated" if interval == "wald" else ""
    why = "the weights are estimated too, and with very unequal errors that tells" if unequal else few
    return Simulation(
        f"pool/{interval}/{label}", "pool", f"REML, {interval}", text + (", very unequal errors" if unequal else ""),
        0.5, draw, ask, 500 if count < 20 else 300, why=why,
    )  # fmt: skip


def _trend(label: str, text: str, draw: Draw, truth: float, why: str = "") -> Simulation:
    """Columns: value, lower, upper of five years."""

    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame(data, columns=["value", "lower", "upper"]).assign(year=range(2015, 2020))
        return trend(frame, period="year", value="value", lower="lower", upper="upper")

    return Simulation(
        f"trend/{label}", "trend", "weighted, five points, 99.8%", text, truth, draw, ask, MANY, 0.998, why=why
    )


def _normal_years(slope: float, scatter: float = 1.0) -> Draw:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        noise = 20 + scatter * random.normal(size=(replications, 5))
        both = [values[:, :, None] + np.array([0, -1.96, 1.96]) for values in (noise + slope * np.arange(5), noise)]
        return both[0], both[1]

    return draw


def _counted_years(total: int, slope: float) -> Draw:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        return (
            random.binomial(total, 0.1 + slope * np.arange(5), (replications, 5)).astype(float),
            random.binomial(total, 0.1, (replications, 5)).astype(float),
        )

    return draw


def _trend_of_counts(total: int, slope: float) -> Simulation:
    def ask(cases: Array) -> Estimate:
        frame = pd.DataFrame({"year": range(2015, 2020), "share": cases / total, "cases": cases, "all": float(total)})
        return trend(frame, period="year", value="share", numerator="cases", denominator="all")

    return Simulation(
        f"trend/counts_{total}", "trend", "Cochran-Armitage, five points, 99.8%",
        f"{total} persons a year, share from 10% up by {100 * slope:g} points a year", slope,
        _counted_years(total, slope), ask, MANY, 0.998,
    )  # fmt: skip


def _ratio(label: str, text: str, effect: float, effect_se: float, why: str = "") -> Simulation:
    """Cost per unit of effect, both estimated."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        return random.normal([effect, 100.0], [effect_se, 10.0], (replications, 2)), None

    def ask(data: Array) -> Estimate:
        return cost_effectiveness(float(data[0]), float(data[1]), effect_se=effect_se, cost_se=10.0)

    return Simulation(
        f"cost_effectiveness/{label}", "cost_effectiveness", "Fieller", text, 100.0 / effect, draw, ask, MANY, why=why
    )


def _slope_index(
    label: str, text: str, deviation: Callable[[Array], Array], *, known: bool, why: str = ""
) -> Simulation:
    shares = (np.arange(5) + 0.5) / 5
    level = 30 - 10 * shares

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        noise = random.normal(size=(replications, 5)) * deviation(level)
        return level + noise, 25 + noise

    def ask(values: Array) -> Estimate:
        frame = pd.DataFrame({"fifth": range(5), "y": values, "people": 1000.0, "se": deviation(level)})
        return slope_index(frame, value="y", population="people", rank="fifth", se="se" if known else None)

    return Simulation(
        f"slope_index/{label}", "slope_index", "known errors" if known else "spread around the line", text, -10.0,
        draw, ask, 500, why=why,
    )  # fmt: skip


def _area(count: int, error: float) -> Simulation:
    """The combined figure of the first territory against its own truth: columns direct figure, covariate, truth."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, None]:
        covariate = random.normal(size=(replications, count))
        truth = 10 + covariate + random.normal(0, 1, covariate.shape)
        direct = truth + random.normal(0, error, covariate.shape)
        return np.stack([direct, covariate, truth], axis=2), None

    def ask(data: Array) -> Estimate:
        frame = pd.DataFrame({"direct": data[:, 0], "x": data[:, 1], "se": error})
        found = small_area(frame, estimate="direct", se="se", covariates=["x"]).table
        assert found is not None
        first, truth = found.iloc[0], float(data[0, 2])
        return Estimate(
            value=float(first["value"]) - truth, method="small_area", se=float(first["se"]),
            lower=float(first["lower"]) - truth, upper=float(first["upper"]) - truth,
        )  # fmt: skip

    return Simulation(
        f"small_area/{count}_error_{error:g}", "small_area", "Fay-Herriot, one territory",
        f"{count} territories, survey error {error:g} for a deviation of 1", 0.0, draw, ask, 500,
    )  # fmt: skip


def simulations() -> Iterator[Simulation]:
    """Yield the rows of intervals."""
    yield from (_wilson(total, share) for total, share in ((20, 0.05), (50, 0.3), (100, 0.01), (300, 0.5)))
    yield from (_rate(mean) for mean in (1.0, 3.0, 8.0, 15.0, 50.0))
    yield _clustered_rate()
    even = [800.0, 1500.0, 1600.0, 1900.0, 1500.0, 700.0]
    yield _standardised("20_events", "20 events expected, 6 ages", [1.0, 2.0, 3.0, 4.0, 6.0, 4.0], even)
    yield _standardised("60_events", "60 events expected, 6 ages", [3.0, 6.0, 9.0, 12.0, 18.0, 12.0], even)
    yield _standardised(
        "unequal", "25 events expected, 20 persons in an age that weighs much", [1.0, 6.0, 6.0, 6.0, 5.0, 1.0],
        [800.0, 1500.0, 1600.0, 20.0, 1500.0, 700.0], "one rare event in a small band rules the rate",
    )  # fmt: skip
    yield _standardised(
        "12_events",
        "12 events expected, refused below 10",
        [0.6, 1.2, 1.8, 2.4, 3.6, 2.4],
        even,
        "rates of fewer than 10 events are refused, the others are those that came out high",
    )
    pairs = (((20, 0.1), (30, 0.2)), ((50, 0.5), (50, 0.3)), ((100, 0.03), (100, 0.01)), ((400, 0.2), (300, 0.25)))
    yield from (_newcombe(a, b) for a, b in pairs)
    yield from (_median(count) for count in (6, 10, 25, 100))
    yield _median(25, rounded=True)
    yield from (_mean(count, skewed=skewed) for count, skewed in ((10, False), (10, True), (50, True)))
    for covariance in ("CR1", "CR2"):
        yield from (_regression(count, covariance) for count in (6, 12, 40))
        yield _regression(12, covariance, unequal=True)
    for interval in ("wald", "knapp_hartung"):
        yield from (_pool(count, 0.4, interval) for count in (4, 8, 30))
        yield _pool(8, 0.0, interval)
        yield _pool(8, 0.4, interval, unequal=True)
    yield _trend("slope_1", "one point a year, right limits", _normal_years(1.0), 1.0)
    yield _trend(
        "scattered",
        "one point a year, years that vary half as much again as their limits say",
        _normal_years(1.0, 1.5),
        1.0,
        "the limits of the points are too narrow",
    )
    yield from (_trend_of_counts(total, slope) for total, slope in ((40, 0.02), (400, 0.02)))
    yield _ratio("clear", "effect of 10 with an error of 1", 10.0, 1.0)
    yield _ratio("doubtful", "effect of 10 with an error of 4", 10.0, 4.0)
    yield _ratio(
        "hardly_known",
        "effect of 10 with an error of 8",
        10.0,
        8.0,
        "an effect that may be nil bounds no ratio: intervals are given only where the effect came out high",
    )
    yield _slope_index("known_errors", "5 groups, known errors", lambda level: np.full_like(level, 1.5), known=True)
    yield _slope_index("unequal_known", "5 groups, known unequal errors", lambda level: level / 15, known=True)
    yield _slope_index(
        "spread",
        "5 groups, errors not known",
        lambda level: np.full_like(level, 1.5),
        known=False,
    )
    yield from (_area(count, error) for count, error in ((12, 1.0), (40, 1.0), (40, 2.0)))
