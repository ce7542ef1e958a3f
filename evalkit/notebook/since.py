"""Outcomes since their baseline: baseline, latest value, change, target, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.charts import Captions, plain_table
from evalkit.model.figure import DataTable, Figure
from evalkit.model.plan import PlanIndicator
from evalkit.notebook.describing import is_shown, status_words
from evalkit.notebook.drawing import measure, source_line
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import Result
from evalkit.text import NO_VALUE, change_unit, msg, quantity

if TYPE_CHECKING:
    from evalkit.notebook.evaluation import Evaluation


def tracked(ev: Evaluation, reader: Reader) -> list[PlanIndicator]:
    """Return the indicators of the plan that have a baseline or a target and are shown here."""
    return [i for i in ev.plan.indicators if (i.baseline or i.target) and is_shown(reader, i.id, i.breakdowns[0])]


def since_baseline(ev: Evaluation, reader: Reader) -> Figure:
    """Return the table of the indicators that the plan follows: baseline, latest value, change, target."""
    lang, name = ev.language, reader.territory.name
    items = tracked(ev, reader)
    results = [ev.value(item.id, item.breakdowns[0]) for item in items]
    title = msg("The indicators since their baseline").render(lang)
    heads = (msg("Indicator"), msg("Baseline"), msg("Latest value"), msg("Change"), msg("Target"))
    data = DataTable(
        caption=title,
        columns=tuple(head.render(lang) for head in heads),
        rows=tuple(_row(reader, item, result, lang) for item, result in zip(items, results, strict=True)),
        numeric=(False, True, True, True, True),
        raw=tuple(_record(reader, item, result) for item, result in zip(items, results, strict=True)),
    )
    captions = Captions(
        title=title,
        subtitle=msg("Value at the baseline of the plan, latest value, change and target, {name}", name=name).render(
            lang
        ),
        lecture=msg("A change is not an effect: it says what moved, not why.").render(lang),
        champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
        source=source_line([result.source for result in results], lang),
        note=msg("No change is computed across a break in the series.").render(lang),
    )
    alt = msg(
        "Table: baseline, latest value, change and target of {n} indicators, {name}.", n=str(len(items)), name=name
    )
    return plain_table("since-baseline", data, captions, alt=alt.render(lang), indicators=tuple(i.id for i in items))


def _change(reader: Reader, item: PlanIndicator, result: Result) -> float | None:
    start = reader.baseline(item)
    if start is None or result.value is None or item.baseline is None or result.period <= item.baseline.period:
        return None
    if reader.indicator(item.id).breaks_between(item.baseline.period, result.period):
        return None
    return result.value - start


def _row(reader: Reader, item: PlanIndicator, result: Result, lang: str) -> tuple[str, ...]:
    indicator = reader.indicator(item.id)

    def shown(value: float | None, period: str) -> str:
        return NO_VALUE if value is None else f"{quantity(value, indicator.unit, lang, indicator.decimals)} ({period})"

    change = _change(reader, item, result)
    moved = (
        NO_VALUE
        if change is None
        else quantity(change, change_unit(indicator.unit), lang, indicator.decimals, signed=True)
    )
    latest = (
        shown(result.value, result.period) if result.value is not None else status_words(result.status).render(lang)
    )
    start = "" if item.baseline is None else item.baseline.period
    target = NO_VALUE if item.target is None else shown(item.target.value, item.target.period)
    return (
        measure(reader, indicator, item.breakdowns[0]).render(lang),
        shown(reader.baseline(item), start),
        latest,
        moved,
        target,
    )


def _record(reader: Reader, item: PlanIndicator, result: Result) -> dict[str, object]:
    return {
        "indicator": item.id,
        "breakdown": item.breakdowns[0],
        "baseline_period": None if item.baseline is None else item.baseline.period,
        "baseline": reader.baseline(item),
        "period": result.period,
        "value": result.value,
        "status": result.status,
        "change": _change(reader, item, result),
        "target_period": None if item.target is None else item.target.period,
        "target": None if item.target is None else item.target.value,
    }
