"""Text alternatives of the charts of many territories and of the waterfall, composed from their data."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import sentences
from evalkit.charts.inputs import finite, quantile
from evalkit.charts.limits import levels, place_of
from evalkit.charts.place_inputs import FunnelData, MapData, StripData, WaterfallData
from evalkit.charts.reading import READINGS
from evalkit.charts.svg import clean
from evalkit.charts.withholding import shown
from evalkit.charts.words import amount_text, hidden_text, status_word, value_text
from evalkit.text import Message, Quantity, msg, nmsg, period

MOST_STEPS = 12


def funnel(data: FunnelData, lang: str) -> str:
    """Say the common value, how many territories lie within and beyond each pair of limits, and where the territory lies."""
    known = [one for one in data.points if one.value is not None]
    said = [
        nmsg(
            "Funnel chart: {measure} of {n} territory by size.",
            "Funnel chart: {measure} of {n} territories by size.",
            len(known),
            measure=sentences.measure(data.measure),
        ),
        msg("Value of all together: {value}.", value=Quantity(data.target, data.unit, data.decimals)),
    ]
    for level, limits in levels(data):
        where = [place_of(one, limits) for one in known]
        said.append(
            msg(
                "{level} limits: {inside} within, {above} above, {below} below.",
                level=Quantity(100 * level, "percent", 0 if level == 0.95 else 1),
                inside=str(where.count("inside")),
                above=str(where.count("above")),
                below=str(where.count("below")),
            )
        )
    mine = next((one for one in data.points if one.label == data.highlighted), None)
    if mine is not None and mine.value is not None:
        words = {"inside": msg("within"), "above": msg("above"), "below": msg("below")}
        said.append(
            msg(
                "{territory}: {value}, {place} (outer limits).",
                territory=clean(mine.label),
                value=Quantity(mine.value, data.unit, data.decimals),
                place=words[place_of(mine, levels(data)[-1][1])],
            )
        )
    return _with_hidden(said, [one.status for one in data.points if one.value is None], lang)


def strip(data: StripData, lang: str) -> str:
    """Say the range, the median, how many territories there are of each reading, and the value of the territory."""
    numbers = finite([row.point.value for row in data.rows])
    said = [
        nmsg(
            "Mark on a scale: {measure}, {year}, {n} territory.",
            "Marks on a scale: {measure}, {year}, {n} territories.",
            len(numbers),
            measure=sentences.measure(data.measure),
            year=period(data.period, lang),
        )
    ]
    if numbers:
        said.append(_range(numbers, data.median, data.unit, data.decimals))
    codes = [row.reading for row in data.rows if row.point.value is not None]
    counts = [f"{READINGS[code].word.render(lang)} ({codes.count(code)})" for code in READINGS if code in codes]
    if counts:
        said.append(msg("Readings: {counts}.", counts=counts))
    mine = next((row for row in data.rows if row.label == data.highlighted), None)
    if mine is not None:
        value = value_text(mine.point, data.unit, lang, data.decimals)
        said.append(msg("{name}: {value}.", name=clean(mine.label), value=value))
    return _with_hidden(said, [row.point.status for row in data.rows if row.point.value is None], lang)


def choropleth(data: MapData, lang: str) -> str:
    """Say what is mapped, the range and the median, and the value of the territory that is outlined."""
    numbers = finite([one.value for one in data.areas])
    said = [
        nmsg(
            "Map of {n} territory: {measure}, {year}.",
            "Map of {n} territories: {measure}, {year}.",
            len(data.areas),
            measure=sentences.measure(data.measure),
            year=period(data.period, lang),
        )
    ]
    if numbers:
        said.append(_range(numbers, quantile(numbers, 0.5), data.unit, data.decimals))
    mine = next((one for one in data.areas if one.label == data.highlighted), None)
    if mine is not None and mine.value is not None:
        value = Quantity(mine.value, data.unit, data.decimals)
        said.append(msg("{name}: {value}.", name=clean(mine.label), value=value))
    elif mine is not None:
        said.append(msg("{name}: {value}.", name=clean(mine.label), value=status_word(mine.status, lang)))
    said.append(msg("The table gives the value of each."))
    return _with_hidden(said, [one.status for one in data.areas if one.value is None], lang)


def waterfall(data: WaterfallData, lang: str) -> str:
    """Say each total and what is added or taken away between them."""
    said = [
        msg(
            "Waterfall of bars: {measure}, {territory}.",
            measure=sentences.measure(data.measure),
            territory=clean(data.territory),
        )
    ]
    steps = shown(data)
    told = steps if len(steps) <= MOST_STEPS else [step for step in steps if step.kind == "total"]
    most = max((abs(step.value) for step in steps if step.value is not None), default=0.0)
    for step in told:
        value = (
            status_word(step.status, lang)
            if step.value is None
            else amount_text(step.value, data.unit, data.decimals, lang, most=most, signed=step.kind == "change")
        )
        said.append(msg("{name}: {value}.", name=clean(step.label), value=value))
    return sentences.join(said, lang)


def _range(numbers: Sequence[float], median: float | None, unit: str, decimals: int | None) -> Message:
    low, high = (Quantity(one, unit, decimals) for one in (numbers[0], numbers[-1]))
    if median is None:
        return msg("From {low} to {high}.", low=low, high=high)
    return msg("From {low} to {high}, median {median}.", low=low, high=high, median=Quantity(median, unit, decimals))


def _with_hidden(said: list[Message], statuses: Sequence[str], lang: str) -> str:
    hidden = hidden_text(statuses, lang)
    return sentences.join([*said, *([msg("Without a value ({counts}).", counts=hidden)] if hidden else [])], lang)
