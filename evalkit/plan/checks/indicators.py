"""The indicators of a plan: known, at the right level, in one unit, their baseline, milestones and target in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.errors import DataError, Problem
from evalkit.model.indicator import Indicator
from evalkit.model.plan import Level, PlanIndicator, Prices
from evalkit.model.texts import LocalText
from evalkit.plan import codes
from evalkit.plan.draft import Draft
from evalkit.plan.levels import counted_from_records, is_wider
from evalkit.plan.nearest import hint, shorten
from evalkit.text import UNITS, Message, msg
from evalkit.text.yamlines import Path


def check_indicators(draft: Draft, catalogue: Mapping[str, Indicator]) -> Iterator[Problem]:
    """Yield what is wrong with the plan's indicators and what is expected of them."""
    for position, item in enumerate(draft.plan.indicators):
        at: Path = ("indicators", position)
        known = catalogue.get(item.id)
        yield from _periods(draft, item, at)
        yield from _sources(draft, item, at)
        yield from _units(draft, item, known, at)
        if known is None:
            wrong = {"indicator": item.id, "hint": hint(item.id, catalogue)}
            yield draft.problem(codes.UNKNOWN_INDICATOR, (*at, "id"), **wrong)
        else:
            yield from _level(draft, item, known, at)
            yield from _breakdowns(draft, item, known, at)
            yield from _prices(draft, item, known, at)


def _stages(item: PlanIndicator) -> Iterator[tuple[str, Level, Path]]:
    if item.baseline is not None:
        yield "baseline", item.baseline, ("baseline",)
    for rank, milestone in enumerate(item.milestones):
        yield "milestone", milestone, ("milestones", rank)
    if item.target is not None:
        yield "target", item.target, ("target",)


def _periods(draft: Draft, item: PlanIndicator, at: Path) -> Iterator[Problem]:
    start = item.baseline.period if item.baseline else None
    end = item.target.period if item.target else None
    if start and end and end <= start:
        values = {"indicator": item.id, "target": end, "baseline": start}
        yield draft.problem(codes.TARGET_BEFORE_BASELINE, (*at, "target", "period"), **values)
        return
    for rank, milestone in enumerate(item.milestones):
        if (start and milestone.period <= start) or (end and milestone.period > end):
            path = (*at, "milestones", rank, "period")
            yield draft.problem(codes.MILESTONE_OUTSIDE, path, indicator=item.id, period=milestone.period)


def _sources(draft: Draft, item: PlanIndicator, at: Path) -> Iterator[Problem]:
    names = {"baseline": msg("baseline value"), "milestone": msg("milestone"), "target": msg("target")}
    for name, level, path in _stages(item):
        if level.value is not None and level.source is None and draft.complete(*at, *path):
            yield draft.problem(codes.NO_SOURCE, (*at, *path), what=names[name], indicator=item.id)


def _units(draft: Draft, item: PlanIndicator, known: Indicator | None, at: Path) -> Iterator[Problem]:
    unit = known.unit if known else None
    for _, level, path in _stages(item):
        if level.unit is None:
            continue
        unit = unit or level.unit
        if level.unit != unit:
            values = {"indicator": item.id, "unit": _named(unit), "other": _named(level.unit)}
            yield draft.problem(codes.TWO_UNITS, (*at, *path, "unit"), **values)


def _named(unit: str) -> LocalText:
    return LocalText(**UNITS[unit].name) if unit in UNITS else LocalText(en=unit)


def _level(draft: Draft, item: PlanIndicator, known: Indicator, at: Path) -> Iterator[Problem]:
    level = draft.plan.territories.level
    if not draft.has("territories") or level in known.levels or counted_from_records(known, draft.plan):
        return
    wider = [name for name in known.levels if is_wider(name, level)]
    as_context = item.role == "context" and bool(wider)
    code = codes.PARENT_LEVEL if as_context else codes.NO_LEVEL
    levels = wider if as_context else list(known.levels)
    yield draft.problem(code, (*at, "id"), indicator=item.id, level=level, levels=levels)


def _breakdowns(draft: Draft, item: PlanIndicator, known: Indicator, at: Path) -> Iterator[Problem]:
    possible = {"none", *known.breakdowns}
    for rank, breakdown in enumerate(item.breakdowns):
        if breakdown not in possible and breakdown.partition("=")[0] not in possible:
            values = {"indicator": item.id, "breakdown": shorten(breakdown), "hint": hint(breakdown, possible)}
            yield draft.problem(codes.BREAKDOWN, (*at, "breakdowns", rank), **values)


def _prices(draft: Draft, item: PlanIndicator, known: Indicator, at: Path) -> Iterator[Problem]:
    is_money = known.unit in UNITS and UNITS[known.unit].is_money
    if item.prices is not None and not is_money:
        yield draft.problem(codes.NOT_MONEY, (*at, "prices"), indicator=item.id)
    elif item.prices is not None and item.prices.year is not None:
        reason = _no_deflator(item.prices)
        if reason is not None:
            yield draft.problem(codes.DEFLATOR, (*at, "prices"), year=item.prices.year, reason=reason)


def _no_deflator(prices: Prices) -> Message | None:
    """Return why amounts cannot be brought to the prices of the year, None when they can."""
    from evalkit.data.deflate import load_deflator

    try:
        years = load_deflator(prices.deflator).index
    except DataError as error:
        return msg("the index cannot be used, see {code}", code=error.problems[0].code.id)
    if prices.year in years:
        return None
    return msg("the index {deflator} covers {years}", deflator=prices.deflator, years=f"{min(years)}-{max(years)}")
