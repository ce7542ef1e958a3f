"""The table of indicators: one row for each indicator and breakdown of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalkit.catalogue.words import BREAKDOWNS
from evalkit.charts import Captions, IndicatorRow, Point
from evalkit.charts import indicator_table as draw
from evalkit.model.figure import Figure
from evalkit.notebook.describing import ENOUGH_PUBLISHED, shown_level
from evalkit.notebook.drawing import source_line
from evalkit.notebook.pointing import point
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import Result
from evalkit.text import Message, Quantity, msg, nmsg

if TYPE_CHECKING:
    from evalkit.notebook.evaluation import Evaluation


def indicator_table(ev: Evaluation, reader: Reader) -> Figure:
    """Return the table of the plan's indicators for the territory, by theme, in the plan's order within a theme."""
    lang = ev.language
    order = list(dict.fromkeys(reader.indicator(i).theme for i, _ in ev.indicators()))
    pairs = sorted(ev.indicators(), key=lambda pair: order.index(reader.indicator(pair[0]).theme))
    results = [ev.value(indicator, breakdown) for indicator, breakdown in pairs]
    rows = [_row(reader, result, lang) for result in results]
    main = None if ev.main_comparator is None else reader.plan.comparator(ev.main_comparator)
    label = "" if main is None else main.label.render(lang)
    count = nmsg("{n} indicator", "{n} indicators", len({i for i, _ in pairs})).render(lang)
    return draw(
        rows,
        lang=lang,
        figure_id="indicators",
        territory=reader.territory.name,
        comparator_label=label,
        captions=Captions(
            title=msg(
                "The indicators of {name}, set against {others}", name=reader.territory.name, others=label
            ).render(lang)
            if label
            else msg("The indicators of {name}", name=reader.territory.name).render(lang),
            subtitle=count,
            lecture=_reading_line(results, lang),
            champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
            source=source_line(sorted(result.source for result in results), lang),
        ),
    )


def _row(reader: Reader, result: Result, lang: str) -> IndicatorRow:
    indicator = reader.indicator(result.indicator)
    series = reader.series(result.indicator, result.breakdown, shown_level(reader, result.indicator))
    words = BREAKDOWNS.get(result.breakdown)
    latest = Point(result.period, result.value, result.status, result.lower, result.upper)
    shown = [row.period for row in series.rows]
    return IndicatorRow(
        indicator=indicator.id,
        label=indicator.short_label.render(lang),
        theme=reader.catalogue.themes[indicator.theme].render(lang),
        latest=latest,
        unit=indicator.unit,
        sign=indicator.sign,
        reading=result.reading,
        decimals=indicator.decimals,
        comparator_value=result.comparator_value,
        others=result.others,
        series=tuple(point(row, series.indicator) for row in series.rows),
        breaks=tuple(b.period for b in indicator.breaks if shown and shown[0] < b.period <= shown[-1]),
        breakdown=result.breakdown,
        breakdown_label="" if words is None else words.render(lang),
        notes=_notes(reader, result, lang),
    )


def _notes(reader: Reader, result: Result, lang: str) -> tuple[str, ...]:
    """Say when few comparators are published, when the value is of a parent, and in which prices euros are."""
    notes = []
    if result.level and result.level != reader.territory.level:
        notes.append(LEVEL_WORDS.get(result.level, msg("{text}", text=result.level)).render(lang))
    if result.comparator is not None:
        total = len(reader.group(result.comparator, result.indicator, result.breakdown).members)
        if len(result.others) < ENOUGH_PUBLISHED * total:
            notes.append(
                msg(
                    "{n} published of {total}: biased median", n=Quantity(len(result.others)), total=Quantity(total)
                ).render(lang)
            )
    prices = reader.prices(result.indicator)
    if prices is not None and prices.year is not None:
        notes.append(msg("euros of {year}", year=str(prices.year)).render(lang))
    return tuple(notes)


LEVEL_WORDS: dict[str, Message] = {
    "commune": msg("value of the commune"),
    "epci": msg("value of the intermunicipality"),
    "department": msg("value of the department"),
    "region": msg("value of the region"),
    "country": msg("value of the country"),
    "contract": msg("value of the contract"),
}


def _reading_line(results: list[Result], lang: str) -> str:
    first = next((r for r in results if r.value is not None and r.comparator_value is not None), None)
    return "" if first is None else msg("{sentence}.", sentence=first.sentence).render(lang)
