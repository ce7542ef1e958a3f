"""Text alternatives of the charts of designs, composed from their data."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import sentences
from evalkit.charts.design_inputs import EventData, ForestData, ForestRow, GapData
from evalkit.charts.inputs import Point, finite
from evalkit.charts.svg import clean
from evalkit.charts.threshold_inputs import DiscontinuityData
from evalkit.charts.words import effect_text, hidden_text, status_word
from evalkit.text import Interval, Message, Quantity, change_unit, msg, nmsg, number, period

MOST_NAMED = 6


def event_study(data: EventData, lang: str) -> str:
    """Say the average effect, the effect at the last time, and how many intervals leave out zero before and after."""
    known = [step for step in data.steps if step.value is not None]
    said = [
        msg(
            "Effect by time since the start, {subject}: {measure}.",
            subject=clean(data.subject),
            measure=sentences.measure(data.measure),
        )
    ]
    if data.overall is not None and data.overall.value is not None:
        said.append(msg("Average effect: {effect}.", effect=_effect(data.overall, data, lang)))
    for when, steps in (
        (False, [s for s in known if float(s.period) < 0]),
        (True, [s for s in known if float(s.period) >= 0]),
    ):
        said += _count_clear(steps, is_after=when)
    if known and float(known[-1].period) >= 0:
        time = number(float(known[-1].period), lang, signed=True)
        said.append(msg("At {time}: {effect}.", time=time, effect=_effect(known[-1], data, lang)))
    hidden = [step for step in data.steps if step.value is None]
    said += [
        msg(
            "At {time}: {word}.",
            time=number(float(step.period), lang, signed=True),
            word=status_word(step.status, lang),
        )
        for step in hidden
    ]
    return sentences.join(said, lang)


def _count_clear(steps: Sequence[Point], *, is_after: bool) -> list[Message]:
    told = [step for step in steps if step.lower is not None and step.upper is not None]
    if not told:
        return []
    count = sum(step.lower > 0 or step.upper < 0 for step in told if step.lower is not None and step.upper is not None)
    values = {"count": str(count), "all": str(len(told))}
    if is_after:
        return [msg("From the start on, {count} of {all} intervals leave out zero.", **values)]
    return [msg("Before the start, {count} of {all} intervals leave out zero.", **values)]


def gap(data: GapData, lang: str) -> str:
    """Say the mean gap since the start, the first and the last gap, and how many placebos show as much."""
    known = [point for point in data.gaps if point.value is not None]
    said = [
        msg(
            "Line chart: {measure}, {subject} minus its synthetic territory.",
            measure=sentences.measure(data.measure),
            subject=clean(data.subject),
        )
    ]
    if known:
        first, last = known[0], known[-1]
        said.append(
            msg(
                "Gap of {first} in {start}, {last} in {end}.",
                first=_signed(first.value, data),
                start=period(first.period, lang),
                last=_signed(last.value, data),
                end=period(last.period, lang),
            )
        )
    if data.effect is not None and data.effect.value is not None:
        year = period(data.start, lang)
        said.append(msg("Mean since {year}: {effect}.", year=year, effect=_effect(data.effect, data, lang)))
    said += _among_placebos(data, known)
    return sentences.join([*said, *sentences.absences(data.gaps, lang), *sentences.breaks(data.breaks, lang)], lang)


def _among_placebos(data: GapData, known: Sequence[Point]) -> list[Message]:
    if not data.placebos or not known or known[-1].value is None:
        return []
    place = data.gaps.index(known[-1])
    others = finite([path.values[place] for path in data.placebos])
    more = sum(abs(one) >= abs(known[-1].value) for one in others)
    return [
        nmsg(
            "In grey, {n} territory without the programme; in the last period {more} shows a gap as large.",
            "In grey, {n} territories without the programme; in the last period {more} of them show a gap as large.",
            len(data.placebos),
            more=str(more),
        )
    ]


def forest(data: ForestData, lang: str) -> str:
    """Say how many effects there are, their range, the average with its interval, and what one more territory may expect."""
    known = [row for row in data.rows if row.value is not None]
    said = [
        nmsg(
            "Effect of {n} territory or group, with its interval: {measure}.",
            "Effects of {n} territories or groups, with their intervals: {measure}.",
            len(data.rows),
            measure=sentences.measure(data.measure),
        )
    ]
    if known:
        lowest, highest = (pick(known, key=lambda row: row.value or 0.0) for pick in (min, max))
        said.append(msg("From {low} to {high}.", low=_signed(lowest.value, data), high=_signed(highest.value, data)))
        clear = [sum(_is_clear(row, side) for row in known) for side in (-1, 1)]
        said.append(
            msg(
                "{below} intervals lie wholly below zero, {above} wholly above.",
                below=str(clear[0]),
                above=str(clear[1]),
            )
        )
    mine = next((row for row in data.rows if row.label == data.highlighted), None)
    named = [row for row in (mine, data.pooled) if row is not None]
    said += [msg("{name}: {value}.", name=clean(row.label), value=_effect(row, data, lang)) for row in named]
    if data.prediction is not None:
        bounds = Interval(*data.prediction, data.unit, data.decimals, signed=True)
        said.append(msg("One more territory may expect {bounds}.", bounds=bounds))
    hidden = [row for row in data.rows if row.value is None]
    if len(hidden) > MOST_NAMED:
        said.append(msg("Without a value ({counts}).", counts=hidden_text([row.status for row in hidden], lang)))
    elif hidden:
        said.append(msg("Without a published value: {names}.", names=[clean(row.label) for row in hidden]))
    return sentences.join(said, lang)


def _is_clear(row: ForestRow, side: int) -> bool:
    if row.lower is None or row.upper is None:
        return False
    return row.lower > 0 if side > 0 else row.upper < 0


def discontinuity(data: DiscontinuityData, lang: str) -> str:
    """Say the threshold, the jump with its interval, and over how many territories on each side."""
    unit = change_unit(data.unit)
    below = sum(one.n for one in data.bins if one.x < data.cutoff)
    said = [
        msg(
            "Means of groups of territories on both sides of a threshold: {measure}, by {running}.",
            measure=sentences.measure(data.measure),
            running=sentences.measure(data.running),
        ),
        msg("Threshold: {value}.", value=Quantity(data.cutoff, data.running_unit, data.running_decimals)),
    ]
    if data.jump is not None and data.jump.value is not None:
        jump = data.jump
        effect = effect_text(jump.value, jump.lower, jump.upper, unit, data.decimals, lang)
        said.append(msg("Jump: {effect}.", effect=effect))
    above = sum(one.n for one in data.bins) - below
    said.append(msg("{below} territories below, {above} at or above.", below=str(below), above=str(above)))
    return sentences.join(said, lang)


def _effect(one: Point | ForestRow, data: EventData | GapData | ForestData, lang: str) -> str:
    return effect_text(one.value, one.lower, one.upper, data.unit, data.decimals, lang, status=one.status)


def _signed(value: float | None, data: GapData | ForestData) -> Quantity:
    return Quantity(value or 0.0, data.unit, data.decimals, signed=True)
