"""The indicator table: one row an indicator, grouped by theme, each with its value, its position, its movement and a reading."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.inputs import Captions, Point
from evalkit.charts.reading import READINGS, allowed
from evalkit.charts.spine import NOTHING, sparkline_cell, spine_cell
from evalkit.charts.svg import clean, safe_id
from evalkit.charts.words import number_text, value_text
from evalkit.model.figure import DataTable, Figure
from evalkit.model.observation import NO_BREAKDOWN
from evalkit.text import Interval, msg, nmsg, period


@dataclass(frozen=True)
class IndicatorRow:
    """One row: texts in the reader's language, `latest` the value shown, `others` the comparators' values without the territory.

    `reading` is a code of `charts.reading`; `sign` +1, -1 or 0 (neutral: never judged). `small_sample` says that the value is missing because too
    few cases stand behind it. `notes` are short remarks under the label ("28 published of 60").
    """

    indicator: str
    label: str
    theme: str
    latest: Point
    unit: str
    sign: int
    reading: str
    decimals: int | None = None
    comparator_value: float | None = None
    others: tuple[float, ...] = ()
    series: tuple[Point, ...] = ()
    breaks: tuple[str, ...] = ()
    breakdown: str = NO_BREAKDOWN
    breakdown_label: str = ""
    quality: str = ""
    notes: tuple[str, ...] = ()

    @property
    def row_id(self) -> str:
        """Return the id of the row in the page: the permalink of the indicator."""
        suffix = "" if self.breakdown == NO_BREAKDOWN else f"-{self.breakdown}"
        return f"ind-{safe_id(self.indicator + suffix)}"

    @property
    def shown_reading(self) -> str:
        """Return the reading that may be shown, whatever was asked."""
        return allowed(self.reading, self.sign, self.latest.status)


def indicator_table(
    rows: Sequence[IndicatorRow],
    *,
    lang: str,
    figure_id: str,
    territory: str,
    comparator_label: str,
    captions: Captions,
    alt: str = "",
) -> Figure:
    """Return the table of indicators, in the order given, grouped by theme.

    `captions.title` is its caption; `comparator_label` names the comparators ("the 59 other districts"). Symbols, words
    and colours always go together; a value that is not published has its reason in words. Every text is escaped.
    """
    readings = Counter(row.shown_reading for row in rows)
    counted = [(READINGS[code].word.render(lang), readings[code]) for code in READINGS if readings[code]]
    return Figure(
        id=figure_id,
        kind="table",
        title=captions.title,
        subtitle=captions.subtitle,
        alt=alt or alternative.table(territory, counted, len(rows), lang),
        data=_data(rows, territory, comparator_label, captions.title, lang),
        html=_html(rows, figure_id, territory, comparator_label, captions.title, lang),
        lecture=captions.lecture,
        champ=captions.champ,
        source=captions.source,
        note=captions.note or table_note(lang),
        indicators=tuple(dict.fromkeys(row.indicator for row in rows)),
    )


def table_note(lang: str) -> str:
    """Return the key of the small pictures, in one paragraph."""
    sentences = (
        msg("Light bar: from the 5th to the 95th percentile of the others; an arrow marks a value beyond."),
        msg("Dark bar: their middle half; vertical line: their median."),
        msg("A horizontal line through the dot is the interval of the value; dotted lines mark breaks in a series."),
        msg(
            "Without a published interval, the reading describes a position (outside the middle half), it is not a test."
        ),
        msg("The diamond marks an indicator that is neither good nor bad: left is low, right is high."),
    )
    return " ".join(sentence.render(lang) for sentence in sentences)


def _html(
    rows: Sequence[IndicatorRow], figure_id: str, territory: str, comparator_label: str, title: str, lang: str
) -> str:
    graded = any(row.quality for row in rows)
    width = 7 if graded else 6
    body = []
    for theme, members in itertools.groupby(rows, key=lambda row: row.theme):
        head = f'<tr class="group"><th colspan="{width}" scope="rowgroup">{_safe(theme)}</th></tr>'
        body.append(f"<tbody>{head}{''.join(_row(row, lang, graded=graded) for row in members)}</tbody>")
    caption = f'<caption id="{safe_id(figure_id)}-caption">{_safe(title)}</caption>'
    table = f'<table class="indicators">{caption}{_head(territory, comparator_label, lang, graded=graded)}{"".join(body)}</table>'
    region = f'role="region" tabindex="0" aria-labelledby="{safe_id(figure_id)}-caption"'
    return f'<div class="table-box" {region}>{table}</div>'


def _head(territory: str, comparator_label: str, lang: str, *, graded: bool) -> str:
    bad, good = msg("unfavourable").render(lang), msg("favourable").render(lang)
    ends = f'<span class="ends"><span>{_safe(bad)}</span><span aria-hidden="true">↔</span><span>{_safe(good)}</span></span>'
    median = f'{_safe(msg("Median").render(lang))}<span class="sub">{_safe(comparator_label)}</span>'
    heads = [
        f'<th scope="col">{_safe(msg("Indicator").render(lang))}</th>',
        f'<th scope="col" class="num">{_safe(territory)}</th>',
        f'<th scope="col" class="num">{median}</th>',
        f'<th scope="col">{_safe(msg("Position").render(lang))}{ends}</th>',
        f'<th scope="col">{_safe(msg("Evolution").render(lang))}</th>',
        f'<th scope="col">{_safe(msg("Reading").render(lang))}</th>',
    ]
    if graded:
        heads.append(f'<th scope="col">{_safe(msg("Data quality").render(lang))}</th>')
    return f"<thead><tr>{''.join(heads)}</tr></thead>"


def _row(row: IndicatorRow, lang: str, *, graded: bool) -> str:
    latest = row.latest
    under = [period(latest.period, lang), *row.notes]
    label = f"{row.label}{', ' if row.breakdown_label else ''}{row.breakdown_label}"
    head = f'<a href="#{row.row_id}">{_safe(label)}</a>' + "".join(
        f'<span class="sub">{_safe(text)}</span>' for text in under
    )
    median = (
        NOTHING
        if row.comparator_value is None
        else _safe(number_text(row.comparator_value, row.unit, lang, row.decimals))
    )
    spine = spine_cell(
        latest.value,
        latest.lower,
        latest.upper,
        row.others,
        row.sign,
        row.shown_reading,
        lang=lang,
        unit=row.unit,
        decimals=row.decimals,
    )
    spark = sparkline_cell(row.series, lang=lang, unit=row.unit, decimals=row.decimals, breaks=row.breaks)
    cells = [
        f'<th scope="row">{head}</th>',
        f'<td class="num">{_value(row, lang)}</td>',
        f'<td class="num">{median}</td>',
        f'<td class="position">{spine}</td>',
        f"<td>{spark}</td>",
        f"<td>{reading_html(row.shown_reading, lang)}</td>",
    ]
    if graded:
        cells.append(f"<td>{_safe(row.quality) or NOTHING}</td>")
    return f'<tr id="{row.row_id}">{"".join(cells)}</tr>'


def reading_html(code: str, lang: str) -> str:
    """Return a reading as symbol, word and colour."""
    reading = READINGS[code]
    symbol = f'<span aria-hidden="true">{reading.symbol}</span>'
    return f'<span class="reading {reading.colour}">{symbol} {_safe(reading.word.render(lang))}</span>'


def _value(row: IndicatorRow, lang: str) -> str:
    latest = row.latest
    if latest.value is None:
        return f'<span class="sub">{_safe(READINGS[row.shown_reading].word.render(lang))}</span>'
    text = f"<b>{_safe(value_text(latest, row.unit, lang, row.decimals))}</b>"
    return f'{text}<span class="sub">{_safe(_interval(row, lang))}</span>' if latest.has_interval else text


def _interval(row: IndicatorRow, lang: str) -> str:
    latest = row.latest
    if latest.lower is None or latest.upper is None:
        return "–"
    return Interval(latest.lower, latest.upper, row.unit, row.decimals).render(lang)


def _data(rows: Sequence[IndicatorRow], territory: str, comparator_label: str, title: str, lang: str) -> DataTable:
    heads = (
        msg("Indicator").render(lang),
        msg("Period").render(lang),
        clean(territory),
        msg("Interval").render(lang),
        msg("Median: {label}", label=clean(comparator_label)).render(lang),
        msg("Territories compared").render(lang),
        msg("Reading").render(lang),
    )
    cells = tuple(
        (
            clean(f"{row.label}, {row.breakdown_label}" if row.breakdown_label else row.label),
            period(row.latest.period, lang),
            value_text(row.latest, row.unit, lang, row.decimals),
            _interval(row, lang),
            number_text(row.comparator_value, row.unit, lang, row.decimals),
            number_text(float(len(row.others)), "count", lang),
            READINGS[row.shown_reading].word.render(lang),
        )
        for row in rows
    )
    numeric = (False, False, True, True, True, True, False)
    caption = nmsg(
        "Data of the table: {title} ({n} indicator)",
        "Data of the table: {title} ({n} indicators)",
        len(rows),
        title=clean(title),
    )
    return DataTable(caption.render(lang), heads, cells, numeric, tuple(_record(row) for row in rows))


def _record(row: IndicatorRow) -> dict[str, Any]:
    return {
        "indicator": row.indicator,
        "breakdown": row.breakdown,
        "period": row.latest.period,
        "value": row.latest.value,
        "lower": row.latest.lower,
        "upper": row.latest.upper,
        "status": row.latest.status,
        "unit": row.unit,
        "comparator_median": row.comparator_value,
        "comparators": len(row.others),
        "reading": row.shown_reading,
    }


def _safe(text: str) -> str:
    return escape(clean(text))
