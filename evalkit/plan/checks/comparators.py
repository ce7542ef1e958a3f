"""The comparators of a plan: each kind with the keys it needs, in the plan's geography."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.errors import Problem
from evalkit.model.plan import Comparator
from evalkit.plan.codes import COMPARATOR_FIELDS, GEOGRAPHY
from evalkit.plan.draft import Draft
from evalkit.plan.levels import is_wider
from evalkit.text import Message, msg
from evalkit.text.yamlines import Path

_QPV_GEOGRAPHY = ((re.compile(r"QP[0-9AB]{6}"), "2015"), (re.compile(r"QN[0-9AB]{5}[A-Z]"), "2024"))


def check_comparators(draft: Draft) -> Iterator[Problem]:
    """Yield comparators without the keys of their kind, and territories of another geography than the plan's."""
    for position, comparator in enumerate(draft.plan.comparators):
        at: Path = ("comparators", position)
        reason = _reason(comparator, draft.plan.territories.level)
        if reason is not None and draft.complete(*at):
            values = {"comparator": comparator.id, "kind": comparator.kind, "reason": reason}
            yield draft.problem(COMPARATOR_FIELDS, at, **values)
    for code, at in walk_codes(draft):
        other = _geography_of(code)
        if draft.plan.territories.level == "qpv" and other not in (None, draft.plan.territories.geography):
            values = {"code": code, "other": other, "geography": draft.plan.territories.geography}
            yield draft.problem(GEOGRAPHY, at, **values)


def walk_codes(draft: Draft) -> Iterator[tuple[str, Path]]:
    """Yield every territory code that the plan lists, with its path: its own territories, then its comparators'."""
    for position, code in enumerate(draft.plan.territories.selection.codes):
        yield code, draft.listed_code(position)
    for rank, comparator in enumerate(draft.plan.comparators):
        for position, code in enumerate(comparator.selection.codes if comparator.selection else ()):
            yield code, ("comparators", rank, "codes", position)


def _reason(comparator: Comparator, level: str) -> Message | None:
    chosen = [comparator.same is not None, comparator.selection is not None]
    if comparator.kind in ("parent", "rest_of_parent"):
        if comparator.level is None:
            return msg("needs 'level', such as: level: commune")
        if any(chosen):
            return msg("takes 'level' only")
        if level and not is_wider(comparator.level, level):
            return msg("needs a level that contains the plan's ({level})", level=level)
        return None
    if comparator.kind == "territories":
        if sum(chosen) != 1:
            return msg("needs exactly one of 'same', 'codes' and 'select'")
        if comparator.same and level and not is_wider(comparator.same[0], level):
            return msg("needs in 'same' a level that contains the plan's ({level})", level=level)
    elif any(chosen):
        return msg("takes neither 'same' nor 'codes' nor 'select'")
    if level and comparator.level not in (None, level):
        return msg("compares territories of the plan's level ({level}) only", level=level)
    return None


def _geography_of(code: str) -> str | None:
    return next((geography for form, geography in _QPV_GEOGRAPHY if form.fullmatch(code)), None)
