"""The data behind a trend chart: a row for each period, with what the plan expects of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.charts.inputs import Comparator, Mark, Point, TrendData
from evalkit.charts.svg import clean
from evalkit.charts.words import bounds_text, number_text, value_text
from evalkit.model.figure import DataTable
from evalkit.text import NO_VALUE, Message, Quantity, msg, period


def compared_periods(data: TrendData) -> set[str]:
    """Return the periods for which a comparator has a median."""
    comparators = [one for one in (data.comparator, data.reference) if one]
    return {spread.period for one in comparators for spread in one.spreads if spread.median is not None}


def plan_marks(data: TrendData) -> list[tuple[Mark, Message]]:
    """Return the dated values of the plan in words, in the order of their periods."""

    def value(mark: Mark) -> Quantity:
        return Quantity(mark.value, data.unit, data.decimals)

    found = [(mark, msg("milestone {value}", value=value(mark))) for mark in data.milestones]
    if data.baseline is not None:
        found.append((data.baseline, msg("baseline {value}", value=value(data.baseline))))
    if data.target is not None:
        found.append((data.target, msg("target {value}", value=value(data.target))))
    return sorted(found, key=lambda one: one[0].period)


def trend_table(data: TrendData, lang: str) -> DataTable:
    """Return the data of the chart: a row for each period, statuses in words, and machine-readable records."""
    comparators = [one for one in (data.comparator, data.reference) if one]
    marks = plan_marks(data)
    mine = {point.period: point for point in data.points}
    periods = sorted(set(mine) | compared_periods(data) | {mark.period for mark, _ in marks})
    bounded = any(point.has_interval for point in data.points)
    medians = [msg("Median: {label}", label=clean(one.label)).render(lang) for one in comparators]
    heads = [msg("Period").render(lang), clean(data.territory)]
    heads += [*([msg("Interval").render(lang)] if bounded else []), *medians]
    counts = data.comparator is not None and any(one.n is not None for one in data.comparator.spreads)
    if counts:
        heads.append(msg("Territories published").render(lang))
    rows = [_cells(data, comparators, mine.get(one), one, lang, bounded=bounded, counts=counts) for one in periods]
    if marks:
        heads.append(msg("Plan").render(lang))
        rows = [(*row, _plan_cell(marks, one, lang)) for row, one in zip(rows, periods, strict=True)]
    raw = tuple(_record(data, mine.get(one), one) for one in periods)
    caption = msg("Data: {measure}", measure=clean(data.measure)).render(lang)
    return DataTable(caption, tuple(heads), tuple(rows), (False, *(True,) * (len(heads) - 1)), raw)


def _cells(
    data: TrendData,
    comparators: Sequence[Comparator],
    point: Point | None,
    when: str,
    lang: str,
    *,
    bounded: bool,
    counts: bool,
) -> tuple[str, ...]:
    cells = [period(when, lang), NO_VALUE if point is None else value_text(point, data.unit, lang, data.decimals)]
    if bounded:
        lower, upper = (point.lower, point.upper) if point else (None, None)
        cells.append(bounds_text(lower, upper, data.unit, data.decimals, lang, signed=False))
    for comparator in comparators:
        spread = comparator.at(when)
        cells.append(number_text(spread.median if spread else None, data.unit, lang, data.decimals))
    if counts and data.comparator:
        spread = data.comparator.at(when)
        cells.append(number_text(float(spread.n) if spread and spread.n is not None else None, "count", lang))
    return tuple(cells)


def _plan_cell(marks: Sequence[tuple[Mark, Message]], when: str, lang: str) -> str:
    return ", ".join(words.render(lang) for mark, words in marks if mark.period == when) or NO_VALUE


def _record(data: TrendData, point: Point | None, when: str) -> dict[str, Any]:
    record: dict[str, Any] = {
        "period": when,
        "value": point.value if point else None,
        "lower": point.lower if point else None,
        "upper": point.upper if point else None,
        "status": point.status if point else "missing",
    }
    for mark, name in ((data.baseline, "baseline"), (data.target, "target")):
        if mark is not None:
            record[name] = mark.value if mark.period == when else None
    if data.milestones:
        record["milestone"] = next((mark.value for mark in data.milestones if mark.period == when), None)
    for name, comparator in (("comparator", data.comparator), ("reference", data.reference)):
        spread = comparator.at(when) if comparator else None
        if comparator:
            record[name] = comparator.label
            for field in ("median", "q1", "q3", "n", "total"):
                record[f"{name}_{field}"] = getattr(spread, field) if spread else None
    return record
