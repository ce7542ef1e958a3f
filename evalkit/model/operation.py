"""Operations: one funded action of a programme in a territory; and the structures that a programme supports."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """One funded action: what was programmed, committed and delivered, at what cost and when (ISO dates, euros)."""

    id: str
    territory: str
    level: str
    geography: str
    programme: str
    family: str
    label: str
    unit: str
    planned: float | None
    committed: float | None
    delivered: float | None
    cost_planned: float | None
    cost_committed: float | None
    cost_paid: float | None
    funder: str
    start: str | None
    end_planned: str | None
    end_actual: str | None
    source: str
    vintage: str
    file_sha256: str = ""


@dataclass(frozen=True)
class Structure:
    """One structure of the social and solidarity economy, supported by the programme or not, followed over time.

    `ended` is the date on which it ceased (None: alive at `observed_until`); `family` is association, cooperative, mutual, foundation, company.
    """

    id: str
    territory: str
    level: str
    geography: str
    programme: str
    family: str
    supported: bool
    created: str
    ended: str | None
    observed_until: str
    jobs_start: float | None
    jobs_end: float | None
    grant: float | None
    insertion_entries: int | None
    insertion_exits_positive: int | None
    insertion_exits: int | None
    source: str
    vintage: str
    file_sha256: str = ""
