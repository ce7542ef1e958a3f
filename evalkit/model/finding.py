"""Findings: what a notebook records, judged against a criterion of the plan."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

Verdict = Literal["met", "partly", "not_met", "cannot_tell"]
FindingKind = Literal["estimate", "observation", "statement"]
VERDICTS: tuple[str, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Finding:
    """One recorded finding; the fields are the columns of `findings.parquet`, in the contract's order.

    `role` is the indicator's role in the plan (`primary`, `secondary`, `context`, `exploratory`); what the plan did not state is `exploratory`.
    `grade` is the evidence grade 1 to 5 (None where no causal question is asked); `data_quality` a letter A to D
    for the series of the finding's indicator here (None where the finding rests on no series).
    `limits` and `note` are sentences in the report's language.
    """

    run: str
    origin_run: str
    template: str
    lang: str
    territory: str
    level: str
    geography: str
    indicator: str
    breakdown: str
    question: str | None
    criterion: str | None
    role: str
    kind: FindingKind
    period: str
    value: float | None
    se: float | None
    lower: float | None
    upper: float | None
    confidence: float | None
    unit: str
    n: int | None
    method: str
    comparator: str | None
    comparator_value: float | None
    verdict: Verdict | None
    grade: int | None
    data_quality: str | None
    status: str
    limits: str
    source: str
    vintage: str
    note: str


FINDING_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Finding))
