"""Estimates and checks: a statistical result never travels without its interval, its method and its doubts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalkit.text.messages import Message, msg

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Check:
    """One check of an estimate: True passed, False failed, None could not be told; the sentence says it in words."""

    name: str
    passed: bool | None
    sentence: Message
    table: pd.DataFrame | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Estimate:
    """A statistical result.

    `value, se, lower, upper` are in `unit`; `confidence` is the level of the interval (0.95); `n` counts the units used.
    `table` has the columns `term, value, se, lower, upper, p_value, n`; `covariance` is set where there are several terms.
    A bound that the method does not give is None, never NaN.
    """

    value: float
    method: str
    unit: str = ""
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    confidence: float = 0.95
    n: int | None = None
    table: pd.DataFrame | None = field(default=None, compare=False)
    covariance: pd.DataFrame | None = field(default=None, compare=False)
    checks: tuple[Check, ...] = ()
    sentence: Message = field(default_factory=lambda: msg(""))
    details: Mapping[str, float | int | str | None] = field(default_factory=dict)

    @property
    def has_interval(self) -> bool:
        """Say whether both bounds exist."""
        return self.lower is not None and self.upper is not None

    @property
    def crosses_zero(self) -> bool:
        """Say whether zero lies inside the interval (or there is no interval to tell)."""
        return self.lower is None or self.upper is None or self.lower <= 0 <= self.upper
