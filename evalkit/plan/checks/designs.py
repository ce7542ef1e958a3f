"""Designs: each with what it needs, its periods in order and free of breaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.errors import Problem
from evalkit.model.indicator import Indicator
from evalkit.model.plan import Criterion, PlanIndicator
from evalkit.plan import codes
from evalkit.plan.checks.criteria import walk_criteria
from evalkit.plan.draft import Draft
from evalkit.plan.spans import usable_spans
from evalkit.text import Message, msg
from evalkit.text.yamlines import Path

_CAUSAL = ("did", "synthetic_control", "synthetic_did")
_CHANGES = ("before_after", *_CAUSAL)
_SINGLE = ("parent", "rest_of_parent")
_SUGGESTED = 2


def check_designs(
    draft: Draft, catalogue: Mapping[str, Indicator], periods: Mapping[str, tuple[str, ...]]
) -> Iterator[Problem]:
    """Yield designs that lack something, go backwards, or compare across a declared break without saying why.

    Args:
        draft: the plan.
        catalogue: indicator definitions, with their breaks.
        periods: the periods for which an indicator has values, where a warehouse tells them.
    """
    for criterion, at in walk_criteria(draft):
        place, design = (*at, "design"), criterion.design
        if draft.complete(*place):
            for need in _needs(criterion, draft):
                yield draft.problem(codes.DESIGN_NEEDS, place, method=design.method, what=need)
        if design.start and design.end and design.start >= design.end:
            yield draft.problem(codes.DESIGN_PERIODS, (*place, "from"), start=design.start, end=design.end)
        elif criterion.indicator in catalogue:
            held = periods.get(criterion.indicator, ())
            yield from _breaks(draft, criterion, catalogue[criterion.indicator], held, place)


def _needs(criterion: Criterion, draft: Draft) -> Iterator[Message]:
    design = criterion.design
    if design.method in _CHANGES and not (design.start and design.end):
        yield msg("the periods 'from' and 'to'")
    if design.method in ("gap", *_CAUSAL) and design.comparator is None:
        yield msg("a comparator")
    named = None if design.comparator is None else draft.plan.comparator(design.comparator)
    if design.method in _CAUSAL and named is not None and (named.kind in _SINGLE or named.same is not None):
        yield msg("a comparator that is a set of territories, the same for all of them")
    used = draft.plan.indicator(criterion.indicator)
    if design.method == "target" and used is not None and used.target is None and _whole(draft, used):
        yield msg("a target of {indicator}, under 'indicators'", indicator=criterion.indicator)


def _whole(draft: Draft, used: PlanIndicator) -> bool:
    return draft.complete("indicators", draft.plan.indicators.index(used))


def _breaks(
    draft: Draft, criterion: Criterion, indicator: Indicator, held: tuple[str, ...], place: Path
) -> Iterator[Problem]:
    design = criterion.design
    if not (design.start and design.end) or design.across_breaks or not draft.complete(*place, "across_breaks"):
        return
    crossed = indicator.breaks_between(design.start, design.end)
    if crossed:
        yield draft.problem(
            codes.BREAKS,
            place,
            indicator=indicator.id,
            breaks=[item.period for item in crossed],
            start=design.start,
            end=design.end,
            advice=_advice(indicator, held or _years(design.start, design.end)),
        )


def _advice(indicator: Indicator, held: tuple[str, ...]) -> Message:
    spans = usable_spans(indicator, held)[:_SUGGESTED]
    if not spans:
        return msg("no two periods can be compared without crossing one: judge the level instead")
    return msg("choose {spans}", spans=[f"{first}-{last}" for first, last in spans])


def _years(start: str, end: str) -> tuple[str, ...]:
    return tuple(str(year) for year in range(int(start[:4]), int(end[:4]) + 1))
