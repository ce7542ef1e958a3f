"""Which territories a plan reports on, and which ones a territory is set against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.errors import PlanError, Problem
from evalkit.model.plan import Comparator, EvaluationPlan, Selection
from evalkit.model.territory import Parent
from evalkit.plan.codes import NO_PARENT, NO_TERRITORY, UNKNOWN_COMPARATOR, UNKNOWN_TERRITORY
from evalkit.plan.nearest import hint

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


@dataclass(frozen=True)
class Members:
    """The territories that a comparator stands for, seen from one territory.

    For `parent`, `codes` is the parent alone, at its own level and geography. For `rest_of_parent`, `parent` is the place to
    subtract from and `codes` are the territories of the plan's level to subtract, the territory itself included; `partial`
    are those of them that lie only partly in the parent, so that the rest is approximate. For all others, `codes` are the
    territories of the plan's level and geography to compare with, without the territory itself.
    """

    kind: str
    level: str
    geography: str
    codes: tuple[str, ...]
    parent: Parent | None = None
    partial: tuple[str, ...] = ()


def resolve_territories(plan: EvaluationPlan, warehouse: Warehouse) -> tuple[str, ...]:
    """Return the sorted codes of the territories that the plan reports on.

    Raises:
        PlanError: a listed code is unknown to the warehouse, or nothing is selected.
    """
    place, file = plan.territories, str(plan.file)
    codes = warehouse.select(place.selection, place.level, place.geography)
    if place.selection.codes and not (place.selection.parents or place.selection.tags or place.selection.limit):
        values = {"level": place.level, "geography": place.geography, "hint": ""}
        unknown = sorted(set(place.selection.codes) - set(codes))
        if unknown:
            raise PlanError(Problem(UNKNOWN_TERRITORY, {"code": code, **values}, file) for code in unknown)
    if not codes:
        raise PlanError.of(NO_TERRITORY, file=file, path="$.territories")
    return codes


def comparator_members(plan: EvaluationPlan, warehouse: Warehouse, comparator_id: str, territory_code: str) -> Members:
    """Return the territories that a comparator of the plan stands for, seen from one territory.

    Raises:
        PlanError: the plan has no such comparator, or the territory has no parent of the level that it needs.
    """
    comparator = plan.comparator(comparator_id)
    if comparator is None:
        known = hint(comparator_id, [item.id for item in plan.comparators])
        raise PlanError.of(UNKNOWN_COMPARATOR, file=str(plan.file), comparator=comparator_id, hint=known)
    if comparator.kind in ("parent", "rest_of_parent"):
        parent = _parent(plan, warehouse, comparator, territory_code, comparator.level or "", None)
        if comparator.kind == "parent":
            return Members("parent", parent.level, parent.geography, (parent.code,), parent)
        return _rest(plan, warehouse, parent)
    codes = _others(plan, warehouse, comparator, territory_code)
    place = plan.territories
    return Members(
        comparator.kind, place.level, place.geography, tuple(code for code in codes if code != territory_code)
    )


def _others(plan: EvaluationPlan, warehouse: Warehouse, comparator: Comparator, code: str) -> tuple[str, ...]:
    place = plan.territories
    if comparator.kind == "plan":
        return resolve_territories(plan, warehouse)
    if comparator.same is not None:
        shared = _parent(plan, warehouse, comparator, code, *comparator.same)
        return _inside(plan, warehouse, shared)
    return warehouse.select(comparator.selection or Selection(), place.level, place.geography)


def _inside(plan: EvaluationPlan, warehouse: Warehouse, parent: Parent) -> tuple[str, ...]:
    """Return the territories of the plan's level that lie in a parent, wholly or in part."""
    inside = Selection(parents={f"{parent.level}_{parent.geography}": (parent.code,)})
    return warehouse.select(inside, plan.territories.level, plan.territories.geography)


def _rest(plan: EvaluationPlan, warehouse: Warehouse, parent: Parent) -> Members:
    place = plan.territories
    codes = _inside(plan, warehouse, parent)
    partial = []
    for code, found in sorted(warehouse.places(place.level, place.geography, codes).items()):
        shares = [
            p.share
            for p in found.parents
            if (p.level, p.code, p.geography) == (parent.level, parent.code, parent.geography)
        ]
        if any(share is None or share < 1 for share in shares):
            partial.append(code)
    return Members("rest_of_parent", place.level, place.geography, codes, parent, tuple(partial))


def _parent(
    plan: EvaluationPlan, warehouse: Warehouse, comparator: Comparator, code: str, level: str, geography: str | None
) -> Parent:
    """Return the parent that holds most of the territory: in the named geography, else in the newest that is known."""
    place = plan.territories
    above = warehouse.ancestors(place.level, code, place.geography)
    found = [p for p in above if p.level == level and geography in (None, p.geography)]
    if not found:
        raise PlanError.of(NO_PARENT, file=str(plan.file), territory=code, level=level, comparator=comparator.id)
    newest = max(p.geography for p in found)
    return min((p for p in found if p.geography == newest), key=lambda p: (-(p.share or 0.0), p.code))
