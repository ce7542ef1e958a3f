"""One treated territory (or a few, together) among donors: synthetic control and synthetic differences in differences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.model.estimate import Estimate
from evalkit.stats import synthetic_control, synthetic_did
from simulations.measure import Array, Simulation
from simulations.panels import lasting

FEW_TREATED = "with five treated territories the published jackknife and its normal law lean on very few numbers"


@dataclass(frozen=True)
class Donors:
    """Treated territories and donors that follow two common factors; `level` lifts the treated above all donors."""

    label: str
    text: str
    donors: int
    treated: int = 1
    growth: float = 0.0
    level: float = 0.0
    counts: bool = False
    before: int = 10
    after: int = 4
    why: str = ""

    @property
    def effects(self) -> Array:
        """The true effect in each period."""
        since = np.arange(self.before + self.after) - self.before
        return np.where(since >= 0, 2.0 + self.growth * (since - (self.after - 1) / 2), 0.0)

    def draw(self, random: np.random.Generator, replications: int) -> tuple[Array, Array]:
        """Return the outcomes, the treated territories first."""
        size, periods = self.treated + self.donors, self.before + self.after
        effects = np.where(np.arange(size)[:, None] < self.treated, self.effects, 0.0)
        level = np.where(np.arange(size)[:, None] < self.treated, self.level, 0.0)
        if self.counts:
            base = random.uniform(3, 8, (replications, size, 1)) + 0.1 * np.arange(periods) + level
            return random.poisson(base + effects).astype(float), random.poisson(base).astype(float)
        factors = np.cumsum(random.normal(0, 0.5, (replications, 2, periods)), axis=2)
        loads = random.uniform(0, 1, (replications, size, 2))
        own = random.normal(0, 1, (replications, size, 1)) + level
        base = own + loads @ factors + 0.5 * lasting(random.normal(size=(replications, size, periods)))
        return base + effects, base

    def frame(self, outcome: Array) -> pd.DataFrame:
        """Return the long frame of one replication."""
        size, periods = outcome.shape
        names = [f"q{i:02d}" for i in range(size)]
        return pd.DataFrame(
            {
                "territory": np.repeat(names, periods),
                "year": np.tile(np.arange(periods), size),
                "y": outcome.ravel(),
                "treated": np.repeat((np.arange(size) < self.treated).astype(float), periods),
            }
        )


USUAL = Donors("20_donors", "1 territory like its 20 donors, 10 years before", 20)
FEW = Donors("10_donors", "1 territory like its 10 donors", 10, why="10 placebos cannot reject at 5%")
MANY = Donors("40_donors", "1 territory like its 40 donors", 40)
RISING = Donors("growing", "1 territory and 20 donors, an effect that grows from 0.5 to 3.5", 20, growth=1.0)
APART = Donors(
    "apart", "1 territory that lies 4 deviations above its 20 donors", 20, level=4.0,
    why="no mix of donors reaches a territory above all of them",
)  # fmt: skip
APART_MENDED = replace(APART, why="the donors reach less far than the regression that mends the mix")
LONG = Donors("8_donors", "1 territory like its 8 donors, 22 years before, 3 after", 8, before=22, after=3)
SMALL = Donors("small_counts", "1 territory and 20 donors, Poisson counts of 3 to 8", 20, counts=True)
SHORT = Donors("19_donors", "1 territory like its 19 donors, 6 years before", 19, before=6, after=3)
SHORT_APART = Donors(
    "apart", "1 territory that lies 4 deviations above its 19 donors, 6 years before", 19, level=4.0, before=6, after=3
)
SHORT_SMALL = Donors(
    "small_counts",
    "1 territory and 19 donors, Poisson counts of 3 to 8, 6 years before",
    19,
    counts=True,
    before=6,
    after=3,
)
GROUP = Donors("5_treated", "5 territories treated together, 20 donors", 20, treated=5)
GROUP_SMALL = Donors(
    "5_treated_small_counts", "5 territories, 20 donors, Poisson counts of 3 to 8", 20, treated=5, counts=True
)
GROUP_RISING = Donors("5_treated_growing", "5 territories, 20 donors, an effect that grows", 20, treated=5, growth=1.0)


def _control(design: Donors, kind: str = "placebo", **more: Any) -> Simulation:
    def ask(outcome: Array) -> Estimate:
        return synthetic_control(
            design.frame(outcome),
            outcome="y",
            unit="territory",
            time="year",
            treated="treated",
            start=design.before,
            **more,
        )

    return Simulation(
        f"synthetic_control/{kind}/{design.label}", "synthetic_control", kind, design.text, 2.0, design.draw,
        ask, 200 if more else 400, why=design.why,
    )  # fmt: skip


def _did(design: Donors, inference: str, *, tested: bool) -> Simulation:
    def draw(random: np.random.Generator, replications: int) -> tuple[Array, Array | None]:
        drawn, without = design.draw(random, replications)
        return drawn, without if tested else None

    def ask(outcome: Array) -> Estimate:
        return synthetic_did(
            design.frame(outcome), outcome="y", unit="territory", time="year", treated="treated", start=design.before,
            inference=inference,
        )  # fmt: skip

    return Simulation(
        f"synthetic_did/{inference}/{design.label}", "synthetic_did", inference, design.text, 2.0, draw, ask, 200,
        why=FEW_TREATED if inference == "jackknife" else "",
    )  # fmt: skip


def simulations() -> Iterator[Simulation]:
    """Yield the rows of synthetic controls."""
    yield from (_control(design) for design in (FEW, USUAL, MANY, RISING, APART, SMALL))
    yield _control(APART_MENDED, "augmented", augmented=True)
    yield _control(LONG, "conformal", inference="conformal")
    yield _did(SHORT, "placebo", tested=True)
    yield from (_did(design, "placebo", tested=False) for design in (SHORT_APART, SHORT_SMALL))
    yield from (_did(design, "jackknife", tested=False) for design in (GROUP, GROUP_RISING, GROUP_SMALL))
