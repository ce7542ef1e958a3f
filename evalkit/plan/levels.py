"""Which level contains which, and which indicators are counted from records rather than observed at a level."""

from __future__ import annotations

from evalkit.model.indicator import Indicator
from evalkit.model.plan import EvaluationPlan

_WIDTH = {
    "grid_cell": 0, "iris": 1, "qpv": 1, "school": 0, "landlord": 0, "structure": 0, "operation": 0, "project": 1,
    "contract": 2, "commune": 2, "zone": 3, "epci": 3, "urban_unit": 3, "strategy": 3, "department": 4, "region": 5,
    "programme": 5, "country": 6,
}  # fmt: skip


_OF_STRUCTURES = frozenset({"ess_cost_job", "ess_jobs_n", "ess_siae_sortie", "ess_structures_n"})


def is_wider(level: str, than: str) -> bool:
    """Say whether territories of one level can contain territories of another."""
    return _WIDTH.get(level, 0) > _WIDTH.get(than, 0)


def counted_from_records(indicator: Indicator, plan: EvaluationPlan) -> bool:
    """Say whether an indicator is counted from operations or structures, wherever these lie: deliveries, survivals, insertion."""
    used = {c.design.method for q in plan.questions for c in q.criteria if c.indicator == indicator.id}
    by_nature = indicator.polarity == "delivery" or indicator.interval_method == "kaplan_meier"
    return by_nature or indicator.id in _OF_STRUCTURES or bool(used & {"delivery", "survival"})
