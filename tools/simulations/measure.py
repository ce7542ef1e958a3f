"""One row of the table: many draws of a design whose truth is known, and what an estimator said of each."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import proportion_interval

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], tuple[Array, Array | None]]
Measured = dict[str, str | int | float | None]
SURE = 0.99
OFF_TARGET = 0.5


@dataclass(frozen=True)
class Simulation:
    """An estimator in a design.

    `draw` returns all replications at once (first axis), with the effect and without it (None where nothing is tested);
    `ask` returns the estimate of one of them. `log`: the answer is a ratio, judged on the logarithmic scale (`truth` is
    then a logarithm). `why` says why the estimator is expected to fail there.
    """

    name: str
    function: str
    estimator: str
    design: str
    truth: float
    draw: Draw
    ask: Callable[[Array], Estimate]
    replications: int = 400
    confidence: float = 0.95
    log: bool = False
    why: str = ""

    @property
    def seed(self) -> int:
        """The seed of the row, made from its name: a row can be computed again alone."""
        return zlib.crc32(self.name.encode())


def measured(simulation: Simulation) -> Measured:
    """Run all replications of a row and sum them up."""
    drawn, without = simulation.draw(np.random.default_rng(simulation.seed), simulation.replications)
    found = [said for data in drawn if (said := _said(simulation, data)) is not None]
    values = np.array([_scaled(simulation, said.value) for said in found])
    errors = np.array([said.se for said in found if said.se is not None])
    inside = np.array([_holds(simulation, said) for said in found if said.lower is not None or said.upper is not None])
    alarms = [] if without is None else [_alarm(simulation, data) for data in without]
    told = np.array([alarm for alarm in alarms if alarm is not None])
    spread = float(values.std(ddof=1)) if len(values) > 1 else math.nan
    return {
        "name": simulation.name,
        "function": simulation.function,
        "estimator": simulation.estimator,
        "design": simulation.design,
        "truth": _short(simulation.truth),
        "scale": "log" if simulation.log else "plain",
        "seed": simulation.seed,
        "replications": simulation.replications,
        "answered": len(found),
        "bias": _short(float(values.mean()) - simulation.truth),
        "bias_error": _short(spread / math.sqrt(len(values))),
        "empirical_se": _short(spread),
        "mean_se": _short(float(errors.mean())) if len(errors) else None,
        "confidence": simulation.confidence,
        "intervals": len(inside),
        "covered": int(inside.sum()),
        "coverage": _share(inside),
        "coverage_error": _share_error(inside),
        "tests": len(told),
        "alarms": int(told.sum()),
        "false_positive_rate": _share(told),
        "false_positive_error": _share_error(told),
        "why": simulation.why,
    }


def _said(simulation: Simulation, data: Array) -> Estimate | None:
    """Return the answer, or None where the function refuses (too few events, say)."""
    try:
        return simulation.ask(data)
    except StatsError:
        return None


def _scaled(simulation: Simulation, value: float) -> float:
    return math.log(value) if simulation.log else value


def _holds(simulation: Simulation, said: Estimate) -> bool:
    """Say whether the interval holds the truth; a bound that is not given is open."""
    low = -math.inf if said.lower is None or (simulation.log and said.lower == 0) else _scaled(simulation, said.lower)
    high = math.inf if said.upper is None else _scaled(simulation, said.upper)
    return low - 1e-12 <= simulation.truth <= high + 1e-12


def _alarm(simulation: Simulation, data: Array) -> bool | None:
    """Say whether an effect is declared where there is none."""
    said = _said(simulation, data)
    if said is None or (said.p_value is None and "direction" not in said.details):
        return None
    if "direction" in said.details:
        return said.details["direction"] != "no_significant_change"
    return said.p_value is not None and said.p_value <= 1 - simulation.confidence + 1e-12


def _share(values: NDArray[np.bool_]) -> float | None:
    return _short(float(values.mean())) if len(values) else None


def _share_error(values: NDArray[np.bool_]) -> float | None:
    share = float(values.mean()) if len(values) else 0.0
    return _short(math.sqrt(share * (1 - share) / len(values))) if len(values) else None


def _short(value: float) -> float:
    """Return six significant digits: more would hang on the processor."""
    return float(f"{value:.6g}")


@dataclass(frozen=True)
class Verdict:
    """What the Monte-Carlo error lets one say of a share: a symbol and words."""

    symbol: str
    words: str

    def __str__(self) -> str:
        return f"{self.symbol} {self.words}"


NOTHING = Verdict("–", "no interval")


def coverage_verdict(row: Measured) -> Verdict:
    """Say whether the interval covers as often as stated, by the 99% interval of the share."""
    low, high = _likely(row["covered"], row["intervals"])
    if low is None or high is None:
        return NOTHING
    stated = _number(row["confidence"])
    if high < stated:
        biased = abs(_number(row["bias"])) > OFF_TARGET * _number(row["empirical_se"])
        return Verdict("▼", "too short (the estimate is biased)" if biased else "too short")
    return Verdict("▲", "too wide") if low > stated else Verdict("=", "covers as stated")


def alarm_verdict(row: Measured) -> Verdict:
    """Say whether an effect is declared where there is none more often than stated."""
    low, high = _likely(row["alarms"], row["tests"])
    if low is None or high is None:
        return Verdict("–", "no test")
    stated = 1 - _number(row["confidence"])
    if low > stated:
        return Verdict("▼", "too many false alarms")
    return Verdict("▲", "fewer false alarms than stated") if high < stated else Verdict("=", "as stated")


def _likely(count: Any, total: Any) -> tuple[float | None, float | None]:
    if not total:
        return None, None
    found = proportion_interval(count, total, SURE)
    return found.lower, found.upper


def _number(value: str | float | None) -> float:
    assert isinstance(value, int | float)
    return float(value)
