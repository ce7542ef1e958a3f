"""The words around figures: titles that say what is shown, and the Lecture, Champ, Source and Note lines."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from evalkit.charts import Captions
from evalkit.model.indicator import Indicator
from evalkit.model.observation import WITH_VALUE
from evalkit.notebook.closing import prices_in_words
from evalkit.notebook.delivering import Family
from evalkit.notebook.describing import label_of, note_text
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import NOTHING, Result
from evalkit.notebook.series import Group, Series
from evalkit.text import UNITS, Message, Quantity, msg


def figure_id(kind: str, indicator: str, breakdown: str) -> str:
    """Return the stable id of a figure: kind, indicator, breakdown."""
    part = "" if breakdown == "none" else "-" + breakdown.replace("=", "-")
    return f"{kind}-{indicator}{part}"


def measure(reader: Reader, indicator: Indicator, breakdown: str) -> Message:
    """Return what a chart measures: label, prices, unit."""
    label = label_of(indicator, breakdown)
    prices = reader.prices(indicator.id)
    if prices is not None and prices.year is not None:
        return msg("{label}, constant euros of {year}", label=label, year=str(prices.year))
    if UNITS[indicator.unit].is_money:
        return msg("{label}, current euros", label=label)
    return label


def trend_captions(reader: Reader, series: Series, groups: list[Group], lang: str) -> Captions:
    """Return the texts around a trend chart; its title is a sentence about the latest value or the change."""
    indicator = series.indicator
    known = [row for row in series.rows if row.status in WITH_VALUE and row.value is not None]
    span = (
        f"{series.rows[0].period}-{series.rows[-1].period}"
        if len(series.rows) > 1
        else series.rows[0].period
        if series.rows
        else ""
    )
    subtitle = msg("{measure}, {span}", measure=measure(reader, indicator, series.breakdown), span=span)
    return Captions(
        title=_trend_title(reader, series, groups).render(lang),
        subtitle=subtitle.render(lang),
        lecture="" if not known else _reading(reader, series, groups).render(lang),
        champ=champ(reader, indicator, groups, known[-1].period if known else None, lang),
        source=source_line([row.source for row in series.rows], lang),
        note=" ".join(part for part in (_prices_note(reader, indicator, lang), *_row_notes(series, lang)) if part),
    )


def _row_notes(series: Series, lang: str) -> list[str]:
    """Return what the adapters noted about the values of a series, with their periods."""
    found: dict[str, list[str]] = {}
    for row in series.rows:
        text = note_text(row.note, lang)
        if text:
            found.setdefault(text, []).append(row.period)
    return [
        msg("{periods}: {text}.", periods=", ".join(periods), text=text).render(lang) for text, periods in found.items()
    ]


def _trend_title(reader: Reader, series: Series, groups: list[Group]) -> Message:
    known = [row for row in series.rows if row.value is not None]
    name, label = reader.territory.name, label_of(series.indicator, series.breakdown)
    if not known:
        return msg("{label}: nothing is published for {name}", label=label, name=name)
    last = known[-1]
    others = groups[0].at(last.period) if groups and not groups[0].is_single else []
    if last.value is None or len(others) < 4:
        value = Quantity(last.value or 0.0, series.indicator.unit, series.indicator.decimals)
        return msg("{label}: {value} in {period}", label=label, value=value, period=last.period)
    first, _, third = statistics.quantiles(others, n=4, method="inclusive")
    if last.value > third:
        return msg(
            "{label}: higher than in three quarters of the comparators in {period}", label=label, period=last.period
        )
    if last.value < first:
        return msg(
            "{label}: lower than in three quarters of the comparators in {period}", label=label, period=last.period
        )
    return msg("{label}: within the middle half of the comparators in {period}", label=label, period=last.period)


def _reading(reader: Reader, series: Series, groups: list[Group]) -> Message:
    row = next(row for row in reversed(series.rows) if row.value is not None)
    indicator = series.indicator
    value = Quantity(row.value or 0.0, indicator.unit, indicator.decimals)
    start = msg(
        "in {period}, {name}: {value} ({label})",
        period=row.period,
        label=label_of(indicator, series.breakdown),
        value=value,
        name=reader.territory.name,
    )
    parts = [msg("{start}.", start=start)]
    if groups and not groups[0].is_single:
        parts.append(
            msg(
                "The band covers the middle half of the comparators ({others}), the line is their median.",
                others=groups[0].comparator.label,
            )
        )
    crossed = [b.period for b in indicator.breaks if series.rows[0].period < b.period <= series.rows[-1].period]
    if crossed:
        parts.append(
            msg(
                "The dotted lines mark breaks in the series ({years}): values on either side are not comparable.",
                years=", ".join(crossed),
            )
        )
    hidden = [r.period for r in series.rows if r.status == "secret"]
    if hidden:
        parts.append(msg("A hollow mark is a secret value ({years}).", years=", ".join(hidden)))
    return join(parts)


def join(parts: list[Message]) -> Message:
    """Return several sentences as one text."""
    joined = parts[0] if parts else NOTHING
    for part in parts[1:]:
        joined = msg("{first} {second}", first=joined, second=part)
    return joined


def champ(reader: Reader, indicator: Indicator, groups: list[Group], period: str | None, lang: str) -> str:
    """Return the Champ line: population covered, geography vintage, how many comparators are published."""
    parts = [indicator.population.render(lang)] if indicator.population else []
    parts.append(msg("geography: {year}", year=reader.territory.geography).render(lang))
    for group in groups[:1]:
        if period is not None and not group.is_single:
            published, total = Quantity(len(group.at(period))), Quantity(len(group.members))
            parts.append(
                msg(
                    "in {period}, {n} of the {total} comparators are published", period=period, n=published, total=total
                ).render(lang)
            )
    return " ; ".join(parts) if lang == "fr" else "; ".join(parts)


def _prices_note(reader: Reader, indicator: Indicator, lang: str) -> str:
    prices = reader.prices(indicator.id)
    return "" if prices is None else prices_in_words(prices.year, prices.deflator).render(lang) + "."


def change_captions(reader: Reader, change: Result, lang: str) -> Captions:
    """Return the texts around a before/after chart."""
    start, end = change.period.split("/")
    title = {
        "better": msg("{label}: a more favourable change than elsewhere", label=change.label),
        "worse": msg("{label}: a less favourable change than elsewhere", label=change.label),
    }.get(
        change.reading, msg("{label}: no difference with the changes elsewhere can be established", label=change.label)
    )
    if change.reading == "neutral":
        title = msg("{label}: the change here among the changes elsewhere", label=change.label)
    indicator = reader.indicator(change.indicator)
    return Captions(
        title=title.render(lang),
        subtitle=msg(
            "Change between {start} and {end}, {others}", start=start, end=end, others=change.comparator_label
        ).render(lang),
        lecture=msg("{sentence}.", sentence=change.sentence).render(lang),
        champ=champ(reader, indicator, [], None, lang),
        source=source_line([change.source], lang),
        note=msg("What this shows: {limits}.", limits=change.limits[0]).render(lang) if change.limits else "",
    )


def delivery_captions(reader: Reader, families: list[Family], lang: str) -> Captions:
    """Return the texts around the delivery chart."""
    done = [f for f in families if f.rate is not None and f.rate >= 99.5]
    title = msg(
        "{n} of the {total} families of operations are fully delivered",
        n=Quantity(len(done)),
        total=Quantity(len(families)),
    )
    first = next((f for f in families if f.rate is not None), None)
    reading = NOTHING
    if first is not None and first.rate is not None:
        reading = msg(
            "{label}: {rate} of what the convention plans is delivered. The outline is the plan, the filled bar what is delivered.",
            label=first.label,
            rate=Quantity(first.rate, "percent", 0),
        )
    return Captions(
        title=title.render(lang),
        subtitle=msg("Quantities planned, committed and delivered, by family of operations").render(lang),
        lecture=reading.render(lang),
        champ=msg("operations of the convention in {name}", name=reader.territory.name).render(lang),
        source=source_line([family.source for family in families], lang),
        note=msg("Families are counted in their own unit; they do not add up.").render(lang),
    )


def outcome_captions(reader: Reader, results: list[Result], lang: str) -> Captions:
    """Return the texts around the chart of outcomes against their targets."""
    return Captions(
        title=msg("Where the indicators stand between their baseline and their target").render(lang),
        subtitle=msg("{n} indicators with a baseline or a target in the plan", n=Quantity(len(results))).render(lang),
        lecture=msg("The hollow mark is the baseline, the diamond the target, the full mark the latest value.").render(
            lang
        ),
        champ=msg("geography: {year}", year=reader.territory.geography).render(lang),
        source=source_line([result.source for result in results], lang),
        note=msg("Reaching a target is not a proof of effect, missing it is not a proof of failure.").render(lang),
    )


def source_line(datasets: Iterable[str], lang: str) -> str:
    """Return the text of a Source line: the publisher of each data set that was read, each once."""
    from evalkit.data.registry import registry

    labels = []
    for dataset in dict.fromkeys(name for name in datasets if name):
        known = registry().get(dataset)
        labels.append(dataset if known is None else known.publisher_label.render(lang))
    return (" ; " if lang == "fr" else "; ").join(dict.fromkeys(labels))
