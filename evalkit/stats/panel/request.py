"""What is asked of differences in differences, and what was found, before any inference."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.stats.panel.cells import Effects
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.regression import Regression

METHODS = ("callaway_santanna", "imputation", "sun_abraham", "switchers", "twfe")
INFERENCES = ("analytic", "jackknife", "randomisation", "wild_bootstrap")
STEPWISE = ("callaway_santanna", "switchers")


@dataclass(frozen=True)
class Request:
    """What was asked of `did` or `event_study`."""

    outcome: str
    unit: str
    time: str
    first_treated: str
    method: str
    aggregation: str
    covariates: tuple[str, ...]
    weights: str | None
    cluster: str | None
    control: str
    never: float | str | None
    balance: float | None
    inference: str | None
    seed: int
    treated: str | None
    level: float
    measure: str
    base: str = "varying"


@dataclass(frozen=True)
class Found:
    """An estimated request: effects, the panel they rest on, the regression behind them where there is one."""

    effects: Effects
    panel: Panel
    regression: Regression | None = None
    event_times: tuple[float, ...] = ()
