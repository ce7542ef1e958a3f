"""Text alternatives composed from the data: what is drawn, over which years, from what to what, how far from the others.

Each function takes the same record as its chart, and the reader's language. A text never repeats a title and is never empty.
"""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import sentences
from evalkit.charts.alt_designs import discontinuity, event_study, forest, gap
from evalkit.charts.alt_places import choropleth, funnel, strip, waterfall
from evalkit.charts.inputs import ChangeData, TrendData
from evalkit.charts.programme_inputs import DeliveryData, LocatorData, OutcomesData, SharesData, SurvivalData
from evalkit.charts.svg import clean
from evalkit.charts.words import lower_first
from evalkit.text import Quantity, msg, nmsg, period

MOST_NAMED = 6

__all__ = [
    "change",
    "choropleth",
    "delivery",
    "discontinuity",
    "event_study",
    "forest",
    "funnel",
    "gap",
    "locator",
    "outcomes",
    "shares",
    "strip",
    "survival",
    "table",
    "trend",
    "waterfall",
]


def trend(data: TrendData, lang: str) -> str:
    """Say where the series starts and ends, in which direction, how far from the comparators, and what is missing."""
    known = [point for point in data.points if point.value is not None]
    name, unit, decimals = clean(data.territory), data.unit, data.decimals
    said = [msg("Line chart: {measure}.", measure=lower_first(clean(data.measure)))]
    if not known:
        said.append(msg("{territory}: no published value.", territory=name))
    elif len(known) == 1:
        said.append(sentences.one_value(name, known[0], unit, decimals, lang))
    else:
        broken = any(known[0].period < one <= known[-1].period for one in data.breaks)
        said.append(sentences.movement(name, known[0], known[-1], unit, decimals, lang, broken=broken))
    if known:
        said += [*sentences.last_interval(known[-1], data.unit, data.decimals), *sentences.gaps(data, known[-1])]
    for mark in sorted(data.milestones, key=lambda one: one.period):
        value = Quantity(mark.value, unit, decimals)
        said.append(msg("Milestone for {year}: {value}.", year=period(mark.period, lang), value=value))
    if data.target:
        value = Quantity(data.target.value, unit, decimals)
        said.append(msg("Target for {year}: {value}.", year=period(data.target.period, lang), value=value))
    return sentences.join([*said, *sentences.absences(data.points, lang), *sentences.breaks(data.breaks, lang)], lang)


def change(data: ChangeData, lang: str) -> str:
    """Say the territory's change, its interval, and where it stands among the changes of the others."""
    years = {"start": period(data.start, lang), "end": period(data.end, lang)}
    said = [
        msg(
            "Dots on a scale: change from {start} to {end}, {measure}.",
            measure=sentences.measure(data.measure),
            **years,
        )
    ]
    said.append(sentences.change(data))
    others = sorted(data.others)
    if others:
        low, high = (Quantity(value, data.unit, data.decimals, signed=True) for value in (others[0], others[-1]))
        said.append(
            nmsg(
                "{n} comparator change, {low}.",
                "{n} comparator changes, from {low} to {high}.",
                len(others),
                low=low,
                high=high,
            )
        )
    if others and data.change.value is not None:
        below = sum(one < data.change.value for one in others)
        said.append(msg("{below} of {all} lie below the territory.", below=below, all=len(others)))
    return sentences.join([*said, *sentences.breaks(data.breaks, lang)], lang)


def delivery(data: DeliveryData, lang: str) -> str:
    """Say, for each family of operations, what is delivered of what was planned."""
    said = [
        msg(
            "Horizontal bars: operations planned, committed and delivered, {territory}.",
            territory=clean(data.territory),
        )
    ]
    return sentences.join([*said, *(sentences.delivered(row) for row in data.rows)], lang)


def survival(data: SurvivalData, lang: str) -> str:
    """Say the share of structures still active at the horizon, with its interval, supported and not."""
    groups = [group for group in (data.supported, data.others) if group]
    said = [
        nmsg(
            "Survival curve in steps, over {n} year.",
            "Survival curves in steps, over {n} years.",
            data.horizon,
        )
    ]
    return sentences.join([*said, *(sentences.survived(group, data.horizon) for group in groups)], lang)


def shares(data: SharesData, lang: str) -> str:
    """Say the share of each category, largest first."""
    said = [
        msg(
            "Horizontal bars: {measure}, {territory}.",
            measure=sentences.measure(data.measure),
            territory=clean(data.territory),
        )
    ]
    known = sorted((row for row in data.rows if row.share.value is not None), key=lambda row: -(row.share.value or 0.0))
    said += [sentences.named(row) for row in known[:MOST_NAMED]]
    hidden = [clean(row.label) for row in data.rows if row.share.value is None]
    if hidden:
        said.append(msg("Without a published value: {names}.", names=hidden))
    return sentences.join(said, lang)


def outcomes(data: OutcomesData, lang: str) -> str:
    """Say, for each indicator, the latest value beside its baseline and its target."""
    said = [msg("Progress lines from baseline to target, {territory}.", territory=clean(data.territory))]
    return sentences.join([*said, *(message for row in data.rows for message in sentences.outcome(row, lang))], lang)


def locator(data: LocatorData, lang: str) -> str:
    """Say what the map shows and where the territory lies, in the words of its facts (commune, department...)."""
    said = [msg("Locator map: {territory}, in blue.", territory=clean(data.territory))]
    said += [msg("{name}: {value}.", name=clean(name), value=clean(value)) for name, value in data.facts]
    count, label = len(data.others), clean(data.others_label)
    if count:
        said.append(
            nmsg(
                "{n} other place is marked in grey ({label}).",
                "{n} other places are marked in grey ({label}).",
                count,
                label=label,
            )
        )
    return sentences.join(said, lang)


def table(territory: str, readings: Sequence[tuple[str, int]], rows: int, lang: str) -> str:
    """Say how many indicators a table holds and how many there are of each reading (its word, its count)."""
    said = [
        nmsg(
            "Table of {n} indicator for {territory}.",
            "Table of {n} indicators for {territory}.",
            rows,
            territory=clean(territory),
        )
    ]
    if readings:
        said.append(msg("Readings: {counts}.", counts=[f"{word} ({count})" for word, count in readings]))
    return sentences.join(said, lang)
