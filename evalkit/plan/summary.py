"""What a plan amounts to, in a few sentences: how many territories, templates, languages and reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.model.plan import EvaluationPlan
from evalkit.plan.members import resolve_territories
from evalkit.text import Message, msg, nmsg

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


def plan_summary(plan: EvaluationPlan, warehouse: Warehouse) -> tuple[Message, ...]:
    """Return how many territories a plan selects in a warehouse, and how many reports it asks for.

    Raises:
        PlanError: a listed territory is unknown, or nothing is selected.
    """
    count = len(resolve_territories(plan, warehouse))
    templates = nmsg("{n} template", "{n} templates", len(plan.templates))
    languages = nmsg("{n} language", "{n} languages", len(plan.languages))
    reports = nmsg("{n} report", "{n} reports", count * len(plan.templates) * len(plan.languages))
    return (
        nmsg("{n} territory selected", "{n} territories selected", count),
        msg("{templates}, {languages}: {reports}", templates=templates, languages=languages, reports=reports),
    )
