"""Observations: one value, or the reason why there is none, for a territory, an indicator, a period and a breakdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Status = Literal["published", "secret", "missing", "not_applicable", "estimated"]
STATUSES: tuple[str, ...] = get_args(Status)
WITH_VALUE: frozenset[str] = frozenset({"published", "estimated"})
NO_BREAKDOWN = "none"


@dataclass(frozen=True)
class Observation:
    """One row of the warehouse. `note` is a problem code (`EVK-DATA-007`) whose text says why, in the reader's language."""

    territory: str
    level: str
    geography: str
    indicator: str
    period: str
    status: Status
    source: str
    vintage: str
    breakdown: str = NO_BREAKDOWN
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: float | None = None
    note: str | None = None
    file_sha256: str = ""

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.status in WITH_VALUE):
            raise ValueError(
                f"{self.indicator} {self.territory} {self.period}: a value goes with published or estimated, and only with them"
            )
