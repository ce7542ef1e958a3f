"""What a plan asks of causal designs: for which indicators, against whom, over which years, and who got the programme when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from evalkit.catalogue import Catalogue
from evalkit.model.plan import Criterion, EvaluationPlan
from evalkit.plan import comparator_members, counted_from_records, resolve_territories

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

Scope = Literal["programme", "territory"]
SCOPES: dict[str, Scope] = {"did": "programme", "synthetic_control": "territory", "synthetic_did": "territory"}
"""The designs that estimate an effect, and whose effect: the mean of the programme, or that of each territory."""
_SETS = ("territories", "level", "plan")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True)
class Asked:
    """One estimate that a plan asks for: its design, its indicator, whom the treated are compared with, and the years that are used."""

    method: str
    indicator: str
    breakdown: str
    comparator: str
    start: str
    end: str
    across_breaks: str | None = None

    @property
    def scope(self) -> Scope:
        """Say whose effect it is."""
        return SCOPES[self.method]

    @property
    def name(self) -> str:
        """Return a name that is the same in every run of the plan, and safe as the name of a file."""
        parts = (self.method, self.indicator, self.breakdown, self.comparator, self.start, self.end)
        return ".".join(_NOT_A_NAME.sub("-", part) for part in parts)


def asked_by(criterion: Criterion) -> Asked | None:
    """Return the estimate that a criterion asks for; None when its design is no causal one, or lacks what it needs."""
    design = criterion.design
    if design.method not in SCOPES or design.comparator is None or design.start is None or design.end is None:
        return None
    return Asked(
        design.method, criterion.indicator, criterion.breakdown, design.comparator, design.start, design.end, design.across_breaks
    )  # fmt: skip


def asked(plan: EvaluationPlan, catalogue: Catalogue) -> tuple[Asked, ...]:
    """Return every estimate of a plan: those of its criteria, then the same designs for its other primary indicators.

    A primary indicator without a criterion of its own takes comparator and years from the first criterion of each scope, unless
    its series has a break between these years; what comes of it is exploratory.
    """
    stated = list(
        dict.fromkeys(found for q in plan.questions for c in q.criteria if (found := asked_by(c)) is not None)
    )
    return (*stated, *_others(plan, catalogue, stated))


def _others(plan: EvaluationPlan, catalogue: Catalogue, stated: list[Asked]) -> Iterator[Asked]:
    for scope in dict.fromkeys(one.scope for one in stated):
        first = next(one for one in stated if one.scope == scope)
        covered = {(one.indicator, one.breakdown) for one in stated if one.scope == scope}
        for indicator, breakdown in primary(plan, catalogue):
            crossed = catalogue[indicator].breaks_between(first.start, first.end)
            if (indicator, breakdown) not in covered and not crossed:
                yield Asked(first.method, indicator, breakdown, first.comparator, first.start, first.end)


def primary(plan: EvaluationPlan, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return (indicator, breakdown) of the primary indicators that are observed at the plan's level, in the plan's order."""
    level = plan.territories.level
    return tuple(
        (used.id, used.breakdowns[0])
        for used in plan.indicators
        if used.role == "primary"
        and used.id in catalogue
        and level in catalogue[used.id].levels
        and not counted_from_records(catalogue[used.id], plan)
    )


def compared_with(plan: EvaluationPlan) -> str | None:
    """Return the comparator of the plan's causal designs, else its first set of territories that is the same for all."""
    for criterion in (c for q in plan.questions for c in q.criteria):
        if (found := asked_by(criterion)) is not None:
            return found.comparator
    return next((c.id for c in plan.comparators if c.kind in _SETS and c.same is None), None)


def treated_since(plan: EvaluationPlan, warehouse: Warehouse) -> dict[str, int]:
    """Return the year in which the programme began in each territory that has it.

    It is the year of the first operation of the programme there; an operation without a date counts from the start of the programme.
    Without any operation at the level of the plan, the territories of the plan count as treated since the start of the programme.
    """
    place, start = plan.territories, plan.programme.start
    rows = warehouse.operations(level=place.level, geography=place.geography, programme=plan.programme.id)
    if rows.empty:
        return dict.fromkeys(resolve_territories(plan, warehouse), start)
    years = rows["start"].str.slice(0, 4).astype("float64").fillna(start).astype("int64")
    found = years.groupby(rows["territory"]).min().sort_index()
    return {str(code): int(year) for code, year in found.items()}


def untreated(
    plan: EvaluationPlan, warehouse: Warehouse, comparator: str, treated: Mapping[str, int]
) -> tuple[str, ...]:
    """Return the territories of a comparator that never had the programme."""
    members = comparator_members(plan, warehouse, comparator, "")
    return tuple(code for code in members.codes if code not in treated)
