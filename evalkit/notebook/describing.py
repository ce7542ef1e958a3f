"""Describing a value: what it is, what it is set against, and whether the difference can be told."""

from __future__ import annotations

import importlib
import statistics

from evalkit.catalogue.words import BREAKDOWNS
from evalkit.charts import read_position
from evalkit.errors import CODES
from evalkit.model.indicator import Indicator
from evalkit.model.observation import Observation
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import NOTHING, Result
from evalkit.notebook.series import Group, with_interval
from evalkit.text import Interval, Message, Quantity, msg, nmsg


def describe(
    reader: Reader,
    lang: str,
    id: str,
    breakdown: str,
    comparator: str | None,
    until: str | None,
    *,
    exact: bool = False,
) -> Result:
    """Return the latest value of an indicator up to a period (or that period's, when `exact`), set against a comparator."""
    series = reader.series(id, breakdown, shown_level(reader, id))
    indicator = series.indicator
    row = series.at(until) if exact and until is not None else series.latest(until)
    label = label_of(indicator, breakdown)
    if row is None:
        return _absent(indicator, breakdown, lang, label, "missing", until or "", None)
    if row.value is None:
        return _absent(indicator, breakdown, lang, label, row.status, row.period, row)
    row = with_interval(row, indicator)
    assert row.value is not None
    group = (
        None
        if comparator is None or series.level != reader.territory.level
        else reader.group(comparator, id, breakdown)
    )
    others = () if group is None else tuple(group.at(row.period))
    middle = statistics.median(others) if others else None
    unit, places = indicator.unit, indicator.decimals
    value = Quantity(row.value, unit, places)
    headline = msg("{label}: {value} in {period}", label=label, value=value, period=row.period)
    return Result(
        kind="observation",
        lang=lang,
        indicator=id,
        breakdown=breakdown,
        label=label,
        period=row.period,
        unit=unit,
        status=row.status,
        headline=headline,
        sentence=headline
        if group is None or middle is None
        else _set_against(headline, group, others, middle, indicator),
        uncertainty=_uncertainty(row, indicator),
        limits=tuple(msg("{text}", text=caveat) for caveat in indicator.caveats[:1]),
        value=row.value,
        lower=row.lower,
        upper=row.upper,
        confidence=row.confidence,
        n=None if row.n is None else int(row.n),
        method=indicator.interval_method if row.lower is not None else "published",
        level=series.level,
        comparator=comparator if middle is not None else None,
        comparator_label="" if group is None else group.comparator.label.render(lang),
        comparator_value=middle,
        others=others,
        reading=_reading(row, indicator, group, others),
        source=row.source,
        vintage=row.vintage,
        note=note_text(row.note, lang),
    )


_PARENTS = ("contract", "commune", "epci", "department", "region", "country")


def is_shown(reader: Reader, id: str, breakdown: str) -> bool:
    """Say whether the warehouse holds an indicator at the territory's level, or at that of the parent it is shown for."""
    own = reader.territory.level in reader.indicator(id).levels
    level = reader.territory.level if own else shown_level(reader, id)
    return level is not None and reader.holds(id, breakdown, level)


def shown_level(reader: Reader, id: str) -> str | None:
    """Return the parent level at which an indicator is shown here; None when it is the territory's own."""
    levels = reader.indicator(id).levels
    if reader.territory.level in levels:
        return None
    return next((level for level in _PARENTS if level in levels and reader.territory.parents_at(level)), None)


def label_of(indicator: Indicator, breakdown: str) -> Message:
    """Return the label of an indicator with its breakdown in words."""
    words = BREAKDOWNS.get(breakdown)
    return (
        msg("{text}", text=indicator.label)
        if words is None
        else msg("{label}, {part}", label=indicator.label, part=words)
    )


def status_words(status: str) -> Message:
    """Return why there is no value."""
    return {
        "secret": msg("secret (statistical confidentiality)"),
        "missing": msg("not available"),
        "not_applicable": msg("not applicable"),
    }[status]


_NOTING = ("evalkit.data.codes", "evalkit.data.codes_warehouse", "evalkit.data.demo.codes")
"""Declare the codes that rows carry as notes: what a note says must not depend on what happens to be imported already."""


def note_text(note: str | None, lang: str) -> str:
    """Return what a row's note says, in the reader's language: the text of its problem code."""
    for module in _NOTING:
        importlib.import_module(module)
    code = CODES.get(note or "")
    if code is None or "{" in code.message:
        return "" if code is None else code.id
    return Message(code.message).render(lang)


def _absent(
    indicator: Indicator, breakdown: str, lang: str, label: Message, status: str, period: str, row: Observation | None
) -> Result:
    sentence = msg(
        "{label}: {status} in {period}", label=label, status=status_words(status), period=period or msg("this source")
    )
    return Result(
        kind="observation",
        lang=lang,
        indicator=indicator.id,
        breakdown=breakdown,
        label=label,
        period=period,
        unit=indicator.unit,
        status=status,
        sentence=sentence,
        headline=sentence,
        uncertainty=NOTHING,
        reading=read_position(None, None, None, (), 0, status),
        source="" if row is None else row.source,
        vintage="" if row is None else row.vintage,
        note="" if row is None else note_text(row.note, lang),
        method="published",
    )


def _set_against(
    headline: Message, group: Group, others: tuple[float, ...], middle: float, indicator: Indicator
) -> Message:
    value = Quantity(middle, indicator.unit, indicator.decimals)
    name = group.comparator.label
    if group.is_single:
        return msg("{headline}; {name}: {value}", headline=headline, value=value, name=name)
    count = nmsg("{n} territory published", "{n} territories published", len(others))
    if len(others) < ENOUGH_PUBLISHED * len(group.members):
        return msg(
            "{headline}; median of the comparators ({name}) over the published values alone, which is biased: {value} ({count} of {total})",
            headline=headline,
            name=name,
            value=value,
            count=Quantity(len(others)),
            total=Quantity(len(group.members)),
        )
    return msg(
        "{headline}; median of the comparators ({name}): {value} ({count})",
        headline=headline,
        name=name,
        value=value,
        count=count,
    )


ENOUGH_PUBLISHED = 0.8
"""Below this share of published comparators no position is read: what is hidden is not hidden at random."""


def _reading(row: Observation, indicator: Indicator, group: Group | None, others: tuple[float, ...]) -> str:
    if indicator.sign and group is not None and len(others) < ENOUGH_PUBLISHED * len(group.members):
        return "untested"
    return read_position(row.value, row.lower, row.upper, others, indicator.sign)


def _uncertainty(row: Observation, indicator: Indicator) -> Message:
    if row.lower is not None and row.upper is not None:
        bounds = Interval(row.lower, row.upper, indicator.unit, indicator.decimals)
        if indicator.interval_method == "wilson_census":
            return msg(
                "95% interval {bounds}, an approximation: the census is not a simple random sample", bounds=bounds
            )
        return msg("95% interval {bounds}", bounds=bounds)
    return msg("The producer publishes no interval: the value describes a situation")


def stated(text: str, selection: str, n: int, indicator: str, lang: str, level: str) -> Result:
    """Return a qualitative statement: what was observed, in how many cases, and how these were chosen."""
    said = msg("{text}", text=text)
    return Result(
        kind="statement",
        lang=lang,
        indicator=indicator,
        breakdown="none",
        label=said,
        period="",
        unit="count",
        status="published",
        sentence=said,
        headline=said,
        uncertainty=msg("Qualitative statement, {n} cases: {selection}", n=str(n), selection=selection),
        n=n,
        method="qualitative",
        limits=(msg("A statement carries neither an interval nor a causal grade"),),
        level=level,
    )
