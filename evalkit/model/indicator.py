"""Indicators: what is measured, how it reads, and what must be known before it is compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from evalkit.model.texts import LocalText

Polarity = Literal["up", "down", "neutral", "target", "delivery"]
Kind = Literal["input", "output", "result", "impact", "context"]
IntervalMethod = Literal[
    "none",
    "wilson",
    "wilson_census",
    "byar",
    "newcombe",
    "order_statistics",
    "bootstrap",
    "survey_design",
    "kaplan_meier",
    "trend_test",
    "published",
]
DisclosureRule = Literal[
    "insee_tax", "insee_business", "insee_census", "cnaf", "dares", "depp", "sdes", "dgfip_dvf", "none"
]
POLARITIES: tuple[str, ...] = get_args(Polarity)


@dataclass(frozen=True)
class Break:
    """A break in a series: values before `period` and from `period` on are not comparable without a stated reason."""

    period: str
    reason: LocalText
    source: str | None = None


@dataclass(frozen=True)
class Indicator:
    """A defined measure. `additive` says that numerators and denominators may be summed or subtracted over territories."""

    id: str
    theme: str
    label: LocalText
    short_label: LocalText
    definition: LocalText
    unit: str
    polarity: Polarity
    kind: Kind
    levels: tuple[str, ...]
    interval_method: IntervalMethod
    disclosure: DisclosureRule
    multiplier: float = 1.0
    decimals: int = 1
    numerator: LocalText = LocalText()
    denominator: LocalText = LocalText()
    population: LocalText = LocalText()
    rationale: LocalText = LocalText()
    question: LocalText = LocalText()
    dac_criterion: str = "effectiveness"
    sources: tuple[str, ...] = ()
    source_label: LocalText = LocalText()
    frequency: str = "yearly"
    lag_months: int | None = None
    additive: bool = False
    cumulable: bool = False
    breakdowns: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    caveats: tuple[LocalText, ...] = ()
    supporting: bool = False
    version: str = "1"

    @property
    def sign(self) -> int:
        """Return +1 when higher is better, -1 when lower is better, 0 when the reader must not judge a direction."""
        return {"up": 1, "delivery": 1, "down": -1}.get(self.polarity, 0)

    def breaks_between(self, start: str, end: str) -> tuple[Break, ...]:
        """Return the breaks that a comparison from `start` to `end` crosses: start < break <= end."""
        return tuple(b for b in self.breaks if start < b.period <= end)
