"""What the warehouse holds of what the plan asks for: territories, data sets, values and periods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from evalkit.errors import Problem
from evalkit.model.plan import Selection
from evalkit.plan import codes
from evalkit.plan.checks.comparators import walk_codes
from evalkit.plan.draft import Draft
from evalkit.plan.holdings import Holdings
from evalkit.plan.nearest import hint
from evalkit.text import Message, msg
from evalkit.text.yamlines import Path

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


def check_held(draft: Draft, warehouse: Warehouse) -> Iterator[Problem]:
    """Yield the territories and data sets that the warehouse does not know."""
    if draft.has("territories"):
        yield from _codes(draft, warehouse)
        yield from _selections(draft, warehouse)
        yield from _parents(draft, warehouse)
    yield from _sources(draft, warehouse)


def check_values(draft: Draft, holdings: Holdings) -> Iterator[Problem]:
    """Yield the indicators and periods of which the warehouse has no value."""
    for position, item in enumerate(draft.plan.indicators):
        if not holdings.expects(item.id):
            continue
        at: Path = ("indicators", position, "id")
        if not holdings.has_values(item.id):
            where = draft.plan.territories
            values = {"indicator": item.id, "level": where.level, "geography": where.geography}
            yield draft.problem(codes.NO_OBSERVATION, at, **values)
        elif item.baseline is not None and item.baseline.value is None:
            path = ("indicators", position, "baseline", "period")
            yield from _period(draft, holdings, item.id, item.baseline.period, path)
    for q, question in enumerate(draft.plan.questions):
        for c, criterion in enumerate(question.criteria):
            if not (holdings.expects(criterion.indicator) and holdings.has_values(criterion.indicator)):
                continue
            for key, period in (("from", criterion.design.start), ("to", criterion.design.end)):
                if period is not None:
                    place: Path = ("questions", q, "criteria", c, "design", key)
                    yield from _period(draft, holdings, criterion.indicator, period, place)


def _codes(draft: Draft, warehouse: Warehouse) -> Iterator[Problem]:
    place = draft.plan.territories
    listed = list(walk_codes(draft))
    if not listed:
        return
    known = warehouse.territories(level=place.level, geography=place.geography, geometry=False)["code"].tolist()
    elsewhere = _elsewhere(warehouse, place.level, [code for code, _ in listed if code not in set(known)])
    for code, at in listed:
        values = {"code": code, "level": place.level, "geography": place.geography}
        if code in elsewhere:
            yield draft.problem(codes.GEOGRAPHY, at, **values, other=elsewhere[code])
        elif code not in known:
            yield draft.problem(codes.UNKNOWN_TERRITORY, at, **values, hint=hint(code, known))


def _elsewhere(warehouse: Warehouse, level: str, unknown: list[str]) -> Mapping[str, str]:
    if not unknown:
        return {}
    rows = warehouse.territories(level=level, codes=sorted(set(unknown)), geometry=False)
    return dict(zip(rows["code"], rows["geography"], strict=True))


def _selections(draft: Draft, warehouse: Warehouse) -> Iterator[Problem]:
    chosen: list[tuple[Selection, Path]] = [(draft.plan.territories.selection, ("territories",))]
    for rank, comparator in enumerate(draft.plan.comparators):
        if comparator.selection is not None:
            chosen.append((comparator.selection, ("comparators", rank)))
    place = draft.plan.territories
    for selection, at in chosen:
        if selection.codes or not draft.complete(*at):
            continue
        for path, where in _empty_parts(selection, warehouse, place.level, place.geography):
            yield draft.problem(codes.EMPTY_PART, (*at, *path), where=where)
        if not warehouse.select(selection, place.level, place.geography):
            yield draft.problem(codes.NO_TERRITORY, at)


def _empty_parts(
    selection: Selection, warehouse: Warehouse, level: str, geography: str
) -> Iterator[tuple[Path, Message]]:
    for key, wanted in selection.parents.items():
        for position, code in enumerate(wanted):
            if not warehouse.select(Selection(parents={key: (code,)}), level, geography):
                yield ("select", key, position), msg("in {parent} {code}", parent=key, code=code)
    for position, tag in enumerate(selection.tags):
        if not warehouse.select(Selection(tags=(tag,)), level, geography):
            yield ("select", "tag", position), msg("with the tag {tag}", tag=tag)


def _parents(draft: Draft, warehouse: Warehouse) -> Iterator[Problem]:
    place = draft.plan.territories
    selected = warehouse.select(place.selection, place.level, place.geography)
    known = warehouse.places(place.level, place.geography, selected)
    above = [known[code].parents if code in known else () for code in selected]
    for position, comparator in enumerate(draft.plan.comparators):
        level, geography = comparator.same or (comparator.level, None)
        if level in (None, place.level):
            continue
        lacking = [p for p in above if not any(x.level == level and geography in (None, x.geography) for x in p)]
        if lacking:
            values = {"comparator": comparator.id, "count": len(lacking), "total": len(above), "level": level}
            yield draft.problem(codes.NO_COMPARATOR, ("comparators", position), **values)


def _sources(draft: Draft, warehouse: Warehouse) -> Iterator[Problem]:
    if not draft.plan.sources:
        return
    from evalkit.data.registry import registry

    held = warehouse.sources()
    vintages = set(zip(held["dataset"], held["vintage"], strict=True))
    known = {*registry(), *held["dataset"]}
    for position, source in enumerate(draft.plan.sources):
        at: Path = ("data", "sources", position)
        name = source.dataset
        if name not in known:
            yield draft.problem(codes.UNKNOWN_SOURCE, (*at, "dataset"), dataset=name, hint=hint(name, known))
        elif name not in set(held["dataset"]):
            yield draft.problem(codes.SOURCE_NOT_ADDED, (*at, "dataset"), dataset=name, vintage="")
        elif source.vintage is not None and (name, source.vintage) not in vintages:
            vintage = msg(" of vintage {vintage}", vintage=source.vintage)
            yield draft.problem(codes.SOURCE_NOT_ADDED, (*at, "vintage"), dataset=name, vintage=vintage)


def _period(draft: Draft, holdings: Holdings, indicator: str, period: str, at: Path) -> Iterator[Problem]:
    held = holdings.periods(indicator)
    if period in held:
        return
    other = holdings.other_geography(indicator, period)
    if other is not None:
        values = {"other": other, "geography": draft.plan.territories.geography}
        yield draft.problem(codes.PERIOD_GEOGRAPHY, at, indicator=indicator, period=period, **values)
    else:
        yield draft.problem(codes.PERIOD_NOT_HELD, at, indicator=indicator, period=period, periods=list(held))
