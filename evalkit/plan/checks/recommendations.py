"""Recommendations: anchored in criteria of the plan, answered with a reason, due after what they follow from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from evalkit.errors import Problem
from evalkit.model.recommendation import Recommendation, Response
from evalkit.plan import codes
from evalkit.plan.draft import Draft
from evalkit.plan.nearest import hint
from evalkit.text import Day, Message, msg
from evalkit.text.yamlines import Path

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

_ANSWERS: Mapping[Response | None, Message] = {
    None: msg("not yet answered"),
    "accepted": msg("accepted"),
    "partly": msg("accepted in part"),
    "rejected": msg("rejected"),
}
_NEEDS_REASON = ("partly", "rejected")
_TOO_MUCH: Mapping[Response | None, tuple[str, ...]] = {None: ("status",), "rejected": ("due", "status")}
"""What cannot go with an answer: nothing is under way before there is one, nothing is due after a refusal."""


def check_recommendations(draft: Draft, warehouse: Warehouse | None) -> Iterator[Problem]:
    """Yield recommendations on unknown criteria or territories, answers without their reason, and dates that cannot be."""
    criteria = draft.written_ids("questions", "criteria")
    reported = _reported_on(draft, warehouse)
    for position, item in enumerate(draft.plan.recommendations):
        at: Path = ("recommendations", position)
        for rank, name in enumerate(item.criteria):
            if name not in criteria:
                values = {"recommendation": item.id, "criterion": name, "hint": hint(name, criteria)}
                yield draft.problem(codes.UNKNOWN_CRITERION, (*at, "criteria", rank), **values)
        for rank, code in enumerate(item.territories):
            if reported is not None and code not in reported:
                values = {"recommendation": item.id, "code": code, "hint": hint(code, reported)}
                yield draft.problem(codes.NOT_REPORTED_ON, (*at, "territories", rank), **values)
        yield from _answer(draft, item, at)
        yield from _due(draft, item, at)


def _reported_on(draft: Draft, warehouse: Warehouse | None) -> tuple[str, ...] | None:
    """Return the territories of the plan whatever its limit; None when nothing asks for them, or only data or a corrected plan can tell."""
    place = draft.plan.territories
    named = any(item.territories for item in draft.plan.recommendations)
    if not named or not draft.has("territories") or not draft.complete("territories"):
        return None
    if place.selection.codes:
        return place.selection.codes
    if warehouse is None:
        return None
    return tuple(warehouse.select(replace(place.selection, limit=None), place.level, place.geography))


def _answer(draft: Draft, item: Recommendation, at: Path) -> Iterator[Problem]:
    if not draft.complete(*at, "response"):
        return
    values = {"recommendation": item.id, "response": _ANSWERS[item.response]}
    if item.response in _NEEDS_REASON and not item.reason and draft.complete(*at, "reason"):
        yield draft.problem(codes.NO_REASON, (*at, "response"), **values)
    for key in _TOO_MUCH.get(item.response, ()):
        if getattr(item, key) is not None:
            yield draft.problem(codes.RESPONSE_DISAGREES, (*at, key), **values, key=key)


def _due(draft: Draft, item: Recommendation, at: Path) -> Iterator[Problem]:
    fixed, start = draft.plan.judgement.fixed_on, draft.plan.programme.start
    if item.due is None:
        return
    before: Message | None = None
    if fixed is not None and item.due < fixed:
        before = msg("before {day}, when the judgement rules were fixed", day=Day(fixed))
    elif item.due.year < start:
        before = msg("before {year}, when the programme starts", year=str(start))
    if before is not None:
        values = {"recommendation": item.id, "due": Day(item.due), "before": before}
        yield draft.problem(codes.DUE_TOO_EARLY, (*at, "due"), **values)
