"""Questions and criteria: few enough to be read together, on indicators that the plan lists and the catalogue knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.errors import Problem
from evalkit.model.indicator import Indicator
from evalkit.model.plan import Comparator, Criterion
from evalkit.plan import codes
from evalkit.plan.draft import Draft
from evalkit.plan.nearest import hint, shorten
from evalkit.text.yamlines import Path

_READABLE = 4


def walk_criteria(draft: Draft) -> Iterator[tuple[Criterion, Path]]:
    """Yield every criterion with its path."""
    for q, question in enumerate(draft.plan.questions):
        for c, criterion in enumerate(question.criteria):
            yield criterion, ("questions", q, "criteria", c)


def check_criteria(draft: Draft, catalogue: Mapping[str, Indicator]) -> Iterator[Problem]:
    """Yield criteria on unknown or unlisted indicators, breakdowns and comparators, and questions with too many criteria."""
    for position, question in enumerate(draft.plan.questions):
        if len(question.criteria) > _READABLE:
            values = {"question": question.id, "count": len(question.criteria)}
            yield draft.problem(codes.MANY_CRITERIA, ("questions", position, "criteria"), **values)
    listed = draft.written_ids("indicators")
    for criterion, at in walk_criteria(draft):
        name = criterion.indicator
        if name not in listed and name not in catalogue:
            values = {"indicator": name, "hint": hint(name, listed or catalogue)}
            yield draft.problem(codes.UNKNOWN_INDICATOR, (*at, "indicator"), **values)
        elif name not in listed and draft.has("indicators"):
            yield draft.problem(codes.NOT_DECLARED, (*at, "indicator"), criterion=criterion.id, indicator=name)
        yield from _breakdown(draft, criterion, at)
        yield from _comparator(draft, criterion, at, catalogue)


def _breakdown(draft: Draft, criterion: Criterion, at: Path) -> Iterator[Problem]:
    used = draft.plan.indicator(criterion.indicator)
    if used is None or criterion.breakdown == "none" or criterion.breakdown in used.breakdowns:
        return
    values = {"breakdown": shorten(criterion.breakdown), "hint": hint(criterion.breakdown, used.breakdowns)}
    yield draft.problem(codes.BREAKDOWN, (*at, "breakdown"), indicator=criterion.indicator, **values)


def _comparator(draft: Draft, criterion: Criterion, at: Path, catalogue: Mapping[str, Indicator]) -> Iterator[Problem]:
    name = criterion.design.comparator
    if name is None:
        return
    path = (*at, "design", "comparator")
    declared = draft.written_ids("comparators")
    if name not in declared:
        yield draft.problem(codes.UNKNOWN_COMPARATOR, path, comparator=name, hint=hint(name, declared))
    comparator, indicator = draft.plan.comparator(name), catalogue.get(criterion.indicator)
    if comparator is not None and indicator is not None:
        yield from _comparable(draft, comparator, indicator, path)


def _comparable(draft: Draft, comparator: Comparator, indicator: Indicator, path: Path) -> Iterator[Problem]:
    """A whole needs the indicator at its own level; a rest needs it to be a sum, or a ratio of sums, as well."""
    if comparator.kind == "rest_of_parent" and not indicator.additive:
        yield draft.problem(codes.NOT_ADDITIVE, path, indicator=indicator.id, comparator=comparator.id)
    elif (
        comparator.kind in ("parent", "rest_of_parent")
        and comparator.level
        and comparator.level not in indicator.levels
    ):
        values = {"indicator": indicator.id, "level": comparator.level, "levels": list(indicator.levels)}
        yield draft.problem(codes.NO_LEVEL, path, **values)
