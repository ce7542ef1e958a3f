"""The sentences that text alternatives are made of, each said once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalkit.charts.inputs import ChangeData, Comparator, Point, TrendData
from evalkit.charts.programme_inputs import DeliveryRow, OutcomeRow, ShareRow, SurvivalGroup
from evalkit.charts.svg import clean
from evalkit.charts.words import difference, lower_first, periods_text, rounded
from evalkit.text import Interval, Message, Quantity, msg, period


def join(said: Iterable[Message], lang: str) -> str:
    """Return sentences as one text."""
    return " ".join(message.render(lang) for message in said)


def one_value(name: str, point: Point, unit: str, decimals: int | None, lang: str) -> Message:
    """Say the only value of a series."""
    value = Quantity(point.value or 0.0, unit, decimals)
    return msg("{territory}: {value} in {year}.", territory=name, value=value, year=period(point.period, lang))


def movement(
    name: str, first: Point, last: Point, unit: str, decimals: int | None, lang: str, *, broken: bool = False
) -> Message:
    """Say the first and the last value, and the direction as readers see it after rounding; none across a break."""
    start, end = rounded(first.value or 0.0, unit, decimals), rounded(last.value or 0.0, unit, decimals)
    values = {
        "territory": name,
        "first": Quantity(start, unit, decimals),
        "start": period(first.period, lang),
        "last": Quantity(end, unit, decimals),
        "end": period(last.period, lang),
        "gap": difference(abs(end - start), unit, decimals),
    }
    if broken:
        return msg("{territory}: {first} in {start}, {last} in {end}, not comparable across the breaks.", **values)
    if end > start:
        return msg("{territory}: {first} in {start}, {last} in {end}, up by {gap}.", **values)
    if end < start:
        return msg("{territory}: {first} in {start}, {last} in {end}, down by {gap}.", **values)
    return msg("{territory}: {first} in {start}, the same value in {end}.", **values)


def last_interval(last: Point, unit: str, decimals: int | None) -> list[Message]:
    """Say the interval of the last value, where it has one."""
    if last.lower is None or last.upper is None:
        return []
    return [msg("Interval of the last value: {bounds}.", bounds=Interval(last.lower, last.upper, unit, decimals))]


def gaps(data: TrendData, last: Point) -> list[Message]:
    """Say how far the last value is from the median of each comparator in the same period."""
    comparators = [one for one in (data.comparator, data.reference) if one]
    return [message for one in comparators for message in _gap(data, one, last)]


def _gap(data: TrendData, comparator: Comparator, last: Point) -> list[Message]:
    spread = comparator.at(last.period)
    if spread is None or spread.median is None or last.value is None:
        return []
    median = rounded(spread.median, data.unit, data.decimals)
    gap = rounded(rounded(last.value, data.unit, data.decimals) - median, data.unit, data.decimals)
    values = {
        "label": clean(comparator.label),
        "median": Quantity(median, data.unit, data.decimals),
        "gap": difference(abs(gap), data.unit, data.decimals),
    }
    if gap > 0:
        return [msg("Compared with {label} (median {median}): {gap} above.", **values)]
    if gap < 0:
        return [msg("Compared with {label} (median {median}): {gap} below.", **values)]
    return [msg("Compared with {label} (median {median}): the same level.", **values)]


def absences(points: Iterable[Point], lang: str) -> list[Message]:
    """Say which periods have no value, by reason."""
    by_status: dict[str, list[str]] = {}
    for point in points:
        if point.value is None:
            by_status.setdefault(point.status, []).append(point.period)
    return [_absence(status, periods_text(by_status[status], lang)) for status in sorted(by_status)]


def _absence(status: str, years: str) -> Message:
    if status == "secret":
        return msg("Secret: {years}.", years=years)
    return (
        msg("Not applicable: {years}.", years=years)
        if status == "not_applicable"
        else msg("Not available: {years}.", years=years)
    )


def breaks(breaks: Sequence[str], lang: str) -> list[Message]:
    """Say which breaks the years cross."""
    return [msg("Breaks in the series: {years}.", years=periods_text(sorted(breaks), lang))] if breaks else []


def change(data: ChangeData) -> Message:
    """Say a change with its interval, or that there is none."""
    point, name = data.change, clean(data.territory)
    if point.value is None:
        return msg("{territory}: the change cannot be computed.", territory=name)
    value = Quantity(point.value, data.unit, data.decimals, signed=True)
    if point.lower is None or point.upper is None:
        return msg("{territory}: {value}, without an interval.", territory=name, value=value)
    bounds = Interval(point.lower, point.upper, data.unit, data.decimals, signed=True)
    return msg("{territory}: {value}, interval {bounds}.", territory=name, value=value, bounds=bounds)


def survived(group: SurvivalGroup, horizon: int) -> Message:
    """Say the share still active at the horizon."""
    share = group.at(horizon)
    label = clean(group.label)
    if share is None:
        return msg("{label}: the follow-up is shorter ({n} structures).", label=label, n=group.n)
    value = Quantity(100 * share, "percent", 0)
    lower = group.at(horizon, group.lower) if group.lower else None
    upper = group.at(horizon, group.upper) if group.upper else None
    values = {"label": label, "value": value, "years": horizon, "n": group.n}
    if lower is None or upper is None:
        return msg("{label}: {value} still active after {years} years ({n} structures).", **values)
    bounds = Interval(100 * lower, 100 * upper, "percent", 0)
    return msg("{label}: {value} {bounds} still active after {years} years ({n} structures).", bounds=bounds, **values)


def outcome(row: OutcomeRow, lang: str) -> list[Message]:
    """Say the latest value, the baseline and the target of an indicator."""
    label = clean(row.label)
    said = []
    if row.latest.value is None:
        said.append(msg("{territory}: no published value.", territory=label))
    else:
        said.append(one_value(label, row.latest, row.unit, row.decimals, lang))
    for mark, is_target in ((row.baseline, False), (row.target, True)):
        if mark:
            values = {"year": period(mark.period, lang), "value": Quantity(mark.value, row.unit, row.decimals)}
            said.append(
                msg("Target for {year}: {value}.", **values)
                if is_target
                else msg("Baseline in {year}: {value}.", **values)
            )
    return said


def delivered(row: DeliveryRow) -> Message:
    """Say what is delivered of what was planned."""
    return msg(
        "{family}: {delivered} delivered of {planned} planned ({unit}).",
        family=clean(row.family),
        delivered=_count(row.delivered),
        planned=_count(row.planned),
        unit=clean(row.unit_label),
    )


def named(row: ShareRow) -> Message:
    """Say the share of a category."""
    return msg("{name}: {value}.", name=clean(row.label), value=Quantity(row.share.value or 0.0, "percent"))


def measure(text: str) -> str:
    """Return what is measured, as it reads inside a sentence."""
    return lower_first(clean(text))


def _count(value: float | None) -> Message | Quantity:
    return msg("not available") if value is None else Quantity(value, "count")
