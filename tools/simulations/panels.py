"""Territories over years: differences in differences under few clusters, staggered growing effects and small counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats import did, event_study, stacked_did
from simulations.measure import Array, Simulation

METHODS = ("callaway_santanna", "sun_abraham", "imputation", "switchers", "twfe")
PERSISTENCE = 0.5
NEVER = np.inf


@dataclass(frozen=True)
class Panel:
    """First treated period of each territory, number of periods, effect of each territory in each period."""

    label: str
    text: str
    first: Array
    periods: int
    growth: float = 0.0
    effect: float = 1.0
    counts: bool = False

    @property
    def effects(self) -> Array:
        """The true effect of each territory in each period, 0 before treatment."""
        since = np.arange(self.periods)[None, :] - self.first[:, None]
        return np.where(since >= 0, self.effect + self.growth * np.maximum(since, 0), 0.0)

    def truth(self, method: str) -> float:
        """The mean effect over treated cells; for `switchers` that of the period of the switch."""
        return self.effect if method == "switchers" else float(self.effects[self.effects != 0].mean())

    def draw(self, random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        """Return the outcomes of every replication: own levels, common years, noise that lasts (or Poisson counts)."""
        shape = (replications, len(self.first), self.periods)
        if self.counts:
            base = random.uniform(2, 6, (*shape[:2], 1)) + 0.1 * np.arange(self.periods)
            return random.poisson(base + self.effects).astype(float), random.poisson(base).astype(float)
        noise = lasting(random.normal(size=shape))
        base = random.normal(0, 2, (*shape[:2], 1)) + random.normal(0, 1, (replications, 1, self.periods)) + noise
        return base + self.effects, base

    def frame(self, outcome: Array) -> pd.DataFrame:
        """Return the long frame of one replication."""
        count = len(self.first)
        return pd.DataFrame(
            {
                "territory": np.repeat([f"q{i:02d}" for i in range(count)], self.periods),
                "year": np.tile(np.arange(self.periods), count),
                "first": np.repeat(self.first, self.periods),
                "y": outcome.ravel(),
            }
        )


def lasting(noise: Array) -> Array:
    """Return first-order autoregressive noise (last axis) of variance one."""
    found = noise.copy()
    for t in range(1, noise.shape[-1]):
        found[..., t] = PERSISTENCE * found[..., t - 1] + np.sqrt(1 - PERSISTENCE**2) * noise[..., t]
    return found


def dates(*groups: tuple[float, int]) -> Array:
    """Return first treated periods: (date, number of territories) in turn."""
    return np.concatenate([np.full(count, date) for date, count in groups])


SIX = Panel("6_territories", "6 territories, 3 treated at once", dates((3, 3), (NEVER, 3)), 6)
TEN = Panel("10_territories", "10 territories, 3 treated at once", dates((3, 3), (NEVER, 7)), 6)
TWENTY = Panel("20_territories", "20 territories, 5 treated at once", dates((3, 5), (NEVER, 15)), 6)
SIXTY = Panel("60_territories", "60 territories, 20 treated at once", dates((3, 20), (NEVER, 40)), 6)
GROWING = Panel(
    "staggered_growing", "40 territories, 30 treated at 3 dates, effects that grow by 0.5 a year",
    dates((2, 10), (4, 10), (6, 10), (NEVER, 10)), 9, growth=0.5, effect=0.5,
)  # fmt: skip
FEW_GROWING = Panel(
    "few_staggered", "10 territories, 5 treated at 2 dates, effects that grow by 0.5 a year",
    dates((2, 3), (4, 2), (NEVER, 5)), 6, growth=0.5, effect=0.5,
)  # fmt: skip
SEVEN = Panel(
    "7_staggered", "7 territories, 3 treated at 2 dates, constant effect", dates((2, 2), (4, 1), (NEVER, 4)), 6
)
SMALL = Panel(
    "small_counts", "20 territories, 10 treated at once, Poisson counts of 2 to 6",
    dates((3, 10), (NEVER, 10)), 6, effect=1.5, counts=True,
)  # fmt: skip
FEW_SMALL = Panel(
    "few_small_counts", "10 territories, 3 treated at once, Poisson counts of 2 to 6",
    dates((3, 3), (NEVER, 7)), 6, effect=1.5, counts=True,
)  # fmt: skip

TWO = Panel("2_of_10", "10 territories, 2 treated at once", dates((3, 2), (NEVER, 8)), 6)
ONE = Panel("1_of_24", "24 territories, 1 treated", dates((3, 1), (NEVER, 23)), 6)

STAGGERED = (GROWING, FEW_GROWING)
WILD = (SIX, TEN, FEW_GROWING, FEW_SMALL)
FEW = "with this few treated territories the clustered error leans on very few numbers"
FORBIDDEN = "two-way fixed effects also compare with territories already treated, whose effect is still growing"
UNCORRECTED = "a normal law without small-sample correction, as published: it takes more treated territories a date"
RESTRICTED = "sign changes are exact for symmetric noise only, and few treated territories lend them few values"


def _simulation(panel: Panel, method: str, inference: str, replications: int) -> Simulation:
    """Ask `did`; the inference `default` is the one it chooses by itself."""
    asked = None if inference == "default" else inference

    def ask(outcome: Array) -> Estimate:
        return did(
            panel.frame(outcome), outcome="y", unit="territory", time="year", first_treated="first", method=method,
            inference=asked,
        )  # fmt: skip

    return Simulation(
        name=f"did/{method}/{inference}/{panel.label}", function="did", estimator=f"{method}, {inference}",
        design=panel.text, truth=panel.truth(method), draw=panel.draw, ask=ask, replications=replications,
        why=_why(panel, method, inference),
    )  # fmt: skip


def _why(panel: Panel, method: str, inference: str) -> str:
    if method == "twfe" and panel in STAGGERED:
        return FORBIDDEN
    if inference in ("default", "randomisation"):
        return ""
    if inference == "wild_bootstrap":
        return RESTRICTED
    if int(np.isfinite(panel.first).sum()) <= 5:
        return FEW
    return "" if method in ("sun_abraham", "stacked", "twfe") else UNCORRECTED


def _reduced(panel: Panel, covariance: str) -> Simulation:
    """Two-way fixed effects with the cluster errors made for few clusters."""

    def ask(outcome: Array) -> Estimate:
        return did(
            panel.frame(outcome), outcome="y", unit="territory", time="year", first_treated="first", method="twfe",
            covariance=covariance,
        )  # fmt: skip

    return Simulation(
        name=f"did/twfe/{covariance}/{panel.label}", function="did", estimator=f"twfe, analytic {covariance}",
        design=panel.text, truth=panel.truth("twfe"), draw=panel.draw, ask=ask, replications=300, why=FEW,
    )  # fmt: skip


def _stacked(panel: Panel) -> Simulation:
    since = np.arange(panel.periods)[None, :] - panel.first[:, None]

    def ask(outcome: Array) -> Estimate:
        return stacked_did(
            panel.frame(outcome), outcome="y", unit="territory", time="year", first_treated="first", before=2, after=2
        )

    return Simulation(
        name=f"stacked_did/{panel.label}", function="stacked_did", estimator="2 periods before, 3 after, analytic",
        design=panel.text, truth=float(panel.effects[(since >= 0) & (since <= 2)].mean()), draw=panel.draw, ask=ask,
        replications=300,
    )  # fmt: skip


def _event_study(panel: Panel, method: str) -> Simulation:
    effects = panel.effects
    since = np.arange(panel.periods)[None, :] - panel.first[:, None]
    by_time = [float(effects[since == e].mean()) for e in np.unique(since[since >= 0])]

    def ask(outcome: Array) -> Estimate:
        return event_study(
            panel.frame(outcome), outcome="y", unit="territory", time="year", first_treated="first", method=method
        )

    return Simulation(
        name=f"event_study/{method}/{panel.label}", function="event_study", estimator=f"{method}, mean after treatment",
        design=panel.text, truth=float(np.mean(by_time)), draw=panel.draw, ask=ask,
    )  # fmt: skip


def _pre_trends(panel: Panel, method: str, drift: float) -> Simulation:
    """A drift before treatment instead of an effect: what the estimate makes of it."""

    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        moving = np.where(np.isfinite(panel.first), drift, 0.0)[:, None] * np.arange(panel.periods)
        drawn, without = panel.draw(random, replications)
        return drawn + moving, without + moving

    base = _simulation(panel, method, "analytic", 400)
    return Simulation(
        name=f"did/{method}/analytic/{panel.label}_drifting", function="did", estimator=f"{method}, analytic",
        design=f"{panel.text}, treated territories drift by {drift:g} a year", truth=base.truth, draw=draw,
        ask=base.ask, why="parallel trends do not hold: no inference mends that",
    )  # fmt: skip


def simulations() -> Iterator[Simulation]:
    """Yield the rows of differences in differences."""
    for panel in (SIX, TEN, TWENTY, SIXTY, GROWING, FEW_GROWING, SMALL):
        yield from (_simulation(panel, method, "analytic", 400) for method in METHODS)
    for panel in (SIX, TEN, TWENTY, GROWING, FEW_GROWING, SEVEN, SMALL, FEW_SMALL, TWO):
        yield from (_simulation(panel, method, "default", 300) for method in METHODS)
    yield from (_simulation(ONE, method, "default", 200) for method in ("callaway_santanna", "twfe"))
    for panel in WILD:
        yield from (_simulation(panel, method, "wild_bootstrap", 300) for method in METHODS)
    yield from (_reduced(panel, "CR2") for panel in (SIX, TEN, TWENTY, FEW_SMALL))
    yield from (_simulation(SIX, method, "randomisation", 200) for method in METHODS)
    yield _simulation(SEVEN, "callaway_santanna", "randomisation", 200)
    for panel in (TEN, FEW_SMALL):
        yield from (_simulation(panel, method, "randomisation", 200) for method in ("twfe", "callaway_santanna"))
    yield _pre_trends(SIXTY, "callaway_santanna", 0.2)
    for panel in (TWENTY, GROWING, SMALL):
        yield from (_event_study(panel, method) for method in ("callaway_santanna", "sun_abraham", "twfe"))
    yield from (_stacked(panel) for panel in (TEN, GROWING, SMALL))
