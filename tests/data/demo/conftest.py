"""The demo data of a few sizes, made once for all tests."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pytest

from evalkit.data.delivery import Delivery
from evalkit.data.demo.building import deliver, simulate
from evalkit.data.demo.settings import Parameters
from evalkit.data.demo.truth import truth_table


@dataclass(frozen=True)
class Made:
    """One fictitious country: what the warehouse gets, and what is true."""

    delivery: Delivery
    truth: pd.DataFrame

    def values(self, indicator: str) -> pd.DataFrame:
        """Return the values of an indicator in the districts, one column per period."""
        rows = self.delivery.observations
        rows = rows[(rows["indicator"] == indicator) & (rows["level"] == "qpv") & (rows["breakdown"] == "none")]
        return rows.pivot_table(index="territory", columns="period", values="value")


@pytest.fixture(scope="session")
def make() -> Callable[..., Made]:
    """Return a function that makes a country of a size with a seed; each is made once."""

    @functools.cache
    def made(universe: int = 737, seed: int = 1) -> Made:
        parameters = Parameters(universe, min(12, Parameters(universe).treated), seed)
        demo, places = simulate(parameters)
        return Made(deliver(demo, places, "0" * 64), truth_table(demo, places))

    return made
