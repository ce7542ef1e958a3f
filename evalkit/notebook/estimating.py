"""Estimates of the effect of a programme as results: what was found, how sure it is, what would overturn it, what it cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evalkit.model.estimate import Estimate
from evalkit.notebook.describing import label_of
from evalkit.notebook.designs import SCOPES, Asked
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import NOTHING, Result
from evalkit.notebook.saying import heard, heard_checks
from evalkit.text import Interval, Message, Quantity, change_unit, msg

if TYPE_CHECKING:
    import pandas as pd


PATH = "placebo_gap"
"""The kind of the rows of a table that hold the gap of an untreated territory, period by period."""


def is_unplanned(result: Result) -> bool:
    """Say whether a result is an effect that no criterion of the plan asks for: it is exploratory, whatever its indicator."""
    return result.method in SCOPES and result.criterion is None


def programme_effect(reader: Reader, lang: str, asked: Asked, payload: Mapping[str, Any]) -> Result:
    """Return the mean effect of the programme, the same in every report of a run."""
    if "refused" in payload:
        return _refused(reader, lang, asked, heard(payload["refused"]))
    return _result(reader, lang, asked, payload, payload, _programme_words(reader, asked, payload), "programme")


def territory_effect(reader: Reader, lang: str, asked: Asked, payload: Mapping[str, Any]) -> Result:
    """Return the gap of the territory to its own mix of untreated territories, or why there is none."""
    own = payload["territories"].get(reader.territory.code)
    if own is None:
        return _refused(reader, lang, asked, msg("this territory is not one of those that the plan reports on"))
    if "refused" in own:
        return _refused(reader, lang, asked, heard(own["refused"]))
    return _result(
        reader, lang, asked, payload, own, _territory_words(reader, asked, payload, own), reader.territory.level
    )


def _result(
    reader: Reader,
    lang: str,
    asked: Asked,
    payload: Mapping[str, Any],
    own: Mapping[str, Any],
    words: tuple[Message, Message, Message, tuple[Message, ...]],
    level: str,
) -> Result:
    indicator, numbers = reader.indicator(asked.indicator), own["estimate"]
    headline, sentence, uncertainty, limits = words
    comparator = reader.plan.comparator(asked.comparator)
    return Result(
        kind="estimate",
        lang=lang,
        indicator=asked.indicator,
        breakdown=asked.breakdown,
        label=label_of(indicator, asked.breakdown),
        period=f"{asked.start}/{asked.end}",
        unit=payload["unit"],
        status="estimated",
        headline=headline,
        sentence=sentence,
        uncertainty=uncertainty,
        limits=limits,
        value=numbers["value"],
        se=numbers["se"],
        lower=numbers["lower"],
        upper=numbers["upper"],
        confidence=numbers["confidence"],
        n=numbers["n"],
        method=asked.method,
        level=level,
        comparator=asked.comparator,
        comparator_label="" if comparator is None else comparator.label.render(lang),
        reading=_side(numbers, own, indicator.sign),
        checks=heard_checks(own["checks"]),
        grade=own["grade"],
        grade_reason=heard(own["grade_reason"]),
        estimate=_estimate(payload, own, asked.method),
        source=_source(reader, asked)[0],
        vintage=_source(reader, asked)[1],
    )


def _refused(reader: Reader, lang: str, asked: Asked, reason: Message) -> Result:
    indicator = reader.indicator(asked.indicator)
    label = label_of(indicator, asked.breakdown)
    sentence = msg(
        "{label}: the effect of the programme cannot be estimated here. {reason}", label=label, reason=_Capital(reason)
    )
    return Result(
        kind="estimate",
        lang=lang,
        indicator=asked.indicator,
        breakdown=asked.breakdown,
        label=label,
        period=f"{asked.start}/{asked.end}",
        unit=change_unit(indicator.unit),
        status="not_applicable",
        headline=sentence,
        sentence=sentence,
        uncertainty=NOTHING,
        method=asked.method,
        level=reader.territory.level if asked.scope == "territory" else "programme",
        comparator=asked.comparator,
        reading="untested",
        limits=(msg("That no effect can be estimated says nothing of whether there is one"),),
    )


class _Capital:
    """A message that begins with a capital, as a sentence does."""

    def __init__(self, message: Message) -> None:
        self._message = message

    def render(self, lang: str) -> str:
        """Return the text in a language."""
        text = self._message.render(lang)
        return text[:1].upper() + text[1:]


def _programme_words(
    reader: Reader, asked: Asked, payload: Mapping[str, Any]
) -> tuple[Message, Message, Message, tuple[Message, ...]]:
    indicator, numbers = reader.indicator(asked.indicator), payload["estimate"]
    label, unit, places = label_of(indicator, asked.breakdown), payload["unit"], indicator.decimals
    value = Quantity(numbers["value"], unit, places, signed=True)
    sizes = {name: Quantity(payload[name]) for name in ("used", "treated", "untreated")}
    headline = msg("{label}: estimated mean effect of the programme {value}", label=label, value=value)
    sentence = msg(
        "{label}: {value} on average since the start in {used} of {treated} treated territories, beyond {untreated} comparable ones ({start}-{end})",
        label=label, value=value, start=asked.start, end=asked.end, **sizes,
    )  # fmt: skip
    parts = [
        msg("This is the mean over {used} territories, not the effect in this one", used=sizes["used"]),
        msg("It holds if all would have changed alike without the programme, and if none of it reached the comparison territories"),
        msg("It follows places, not persons: the departure of poor households shows as less poverty"),
    ]  # fmt: skip
    if payload.get("imitated") is not None:
        size = Quantity(abs(payload["imitated"]), unit, places)
        parts.insert(
            2,
            msg(
                "A steady drift that the test of the years before misses one time in five would imitate an effect of {size}",
                size=size,
            ),
        )
    return headline, sentence, _doubt(numbers, payload, unit, places), tuple(parts)


def _territory_words(
    reader: Reader, asked: Asked, payload: Mapping[str, Any], own: Mapping[str, Any]
) -> tuple[Message, Message, Message, tuple[Message, ...]]:
    indicator, numbers = reader.indicator(asked.indicator), own["estimate"]
    label, unit, places = label_of(indicator, asked.breakdown), payload["unit"], indicator.decimals
    value = Quantity(numbers["value"], unit, places, signed=True)
    start = payload["shared"][own["shared"]]["start"]
    headline = msg(
        "{label}: {value} against the mix of comparable territories since {start}",
        label=label,
        value=value,
        start=start,
    )
    more = own["rank"] - 1
    sentence = msg(
        "{headline}; of {n} untreated territories put to the same test, {more} show as much (p = {p})",
        headline=headline, n=Quantity(own["placebos"]), more=Quantity(more), p=Quantity(numbers["p_value"], "ratio", 3),
    )  # fmt: skip
    limits = [
        msg("A single territory also moves without visible cause: about one in twenty stands out without any effect"),
        msg("It holds if the mix that followed the territory before would have followed it after"),
        msg("It follows a place, not persons: the departure of poor households shows as less poverty"),
    ]  # fmt: skip
    if own["by_mean_gap"]:
        limits.insert(
            0,
            msg(
                "Rank and interval come from the mean gaps since the start: mixes follow the years before too closely for the usual ratios"
            ),
        )
    return headline, sentence, _doubt(numbers, own, unit, places), tuple(limits)


def _doubt(numbers: Mapping[str, Any], own: Mapping[str, Any], unit: str, places: int) -> Message:
    """Return the interval, then what a null excludes or what would overturn the effect."""
    conclusion = _Capital(heard(own["conclusion"]))
    if numbers["lower"] is None or numbers["upper"] is None:
        return msg("{sentence}", sentence=conclusion)
    bounds = Interval(numbers["lower"], numbers["upper"], unit, places, signed=True)
    return msg("95% interval {bounds}. {sentence}", bounds=bounds, sentence=conclusion)


def _side(numbers: Mapping[str, Any], own: Mapping[str, Any], sign: int) -> str:
    """Return how an effect reads; a neutral indicator is never judged, a null says nothing."""
    if sign == 0:
        return "neutral"
    if own.get("null"):
        return "not_established"
    return "better" if numbers["value"] * sign > 0 else "worse"


def _source(reader: Reader, asked: Asked) -> tuple[str, str]:
    """Return source and vintage of the territory's own series between the two periods."""
    series = reader.series(asked.indicator, asked.breakdown)
    rows = [row for row in series.rows if asked.start <= row.period <= asked.end]
    vintages = sorted({row.vintage for row in rows})
    span = "" if not vintages else vintages[0] if len(vintages) == 1 else f"{vintages[0]}-{vintages[-1]}"
    return (rows[-1].source if rows else ""), span


def _estimate(payload: Mapping[str, Any], own: Mapping[str, Any], method: str) -> Estimate:
    """Return the estimate behind a result, with the table that its chart is drawn from."""
    numbers = own["estimate"]
    return Estimate(
        value=numbers["value"], method=method, unit=payload["unit"], se=numbers["se"], lower=numbers["lower"], upper=numbers["upper"],
        p_value=numbers["p_value"], confidence=numbers["confidence"], n=numbers["n"], table=_table(payload, own),
        details={"base": "universal"} if "terms" in own else {"start": payload["shared"][own["shared"]]["start"]},
    )  # fmt: skip


def _table(payload: Mapping[str, Any], own: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    if "terms" in own:
        return pd.DataFrame(own["terms"])
    shared = payload["shared"][own["shared"]]
    gaps = [
        {"term": period, "value": gap, "kind": "gap"}
        for period, gap in zip(shared["periods"], own["gaps"], strict=False)
    ]
    weights = [{"term": one["territory"], "value": one["weight"], "kind": "weight"} for one in own["weights"]]
    paths = [
        {"term": period, "value": gap, "kind": PATH, "territory": name}
        for name, path in shared["placebos"].items()
        for period, gap in zip(shared["periods"], path, strict=True)
    ]
    return pd.DataFrame([*gaps, *weights, *paths], columns=["term", "value", "kind", "territory"])
