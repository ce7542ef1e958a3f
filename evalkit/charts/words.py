"""Words and numbers shared by the charts: statuses, periods and values as readers see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalkit.charts.inputs import Point
from evalkit.text import NO_VALUE, Message, Quantity, change_unit, interval, msg, number, period, quantity

MILLIONS, FEW_MILLIONS = 2e6, 1e7
STATUS_WORDS: dict[str, Message] = {
    "published": msg("published"),
    "estimated": msg("estimated"),
    "secret": msg("secret"),
    "missing": msg("not available"),
    "not_applicable": msg("not applicable"),
}


def status_word(status: str, lang: str) -> str:
    """Return the word for the status of a value."""
    return STATUS_WORDS[status].render(lang)


def value_text(point: Point, unit: str, lang: str, decimals: int | None) -> str:
    """Return the value as readers see it, or the word for why there is none."""
    if point.value is None:
        return status_word(point.status, lang)
    text = quantity(point.value, unit, lang, decimals)
    return msg("{value} (estimated)", value=text).render(lang) if point.status == "estimated" else text


def number_text(value: float | None, unit: str, lang: str, decimals: int | None = None) -> str:
    """Return a number as readers see it, or `not available`."""
    return status_word("missing", lang) if value is None else quantity(value, unit, lang, decimals)


def difference(value: float, unit: str, decimals: int | None, *, signed: bool = False) -> Quantity:
    """Return a difference between two values of `unit`, in points for percentages."""
    return Quantity(value, change_unit(unit), decimals, signed)


def effect_text(
    value: float | None,
    lower: float | None,
    upper: float | None,
    unit: str,
    decimals: int | None,
    lang: str,
    *,
    status: str = "missing",
    signed: bool = True,
) -> str:
    """Return an effect with its interval, `−2,1 pt [−3,0 pt ; −1,2 pt]`, or the word for why there is none."""
    if value is None:
        return status_word(status, lang)
    text = quantity(value, unit, lang, decimals, signed=signed)
    return (
        f"{text} {bounds_text(lower, upper, unit, decimals, lang, signed=signed)}"
        if None not in (lower, upper)
        else text
    )


def bounds_text(
    lower: float | None, upper: float | None, unit: str, decimals: int | None, lang: str, *, signed: bool = True
) -> str:
    """Return an interval, or a dash where there is none."""
    if lower is None or upper is None:
        return NO_VALUE
    return interval(lower, upper, unit, lang, decimals, signed=signed)


def hidden_text(statuses: Sequence[str], lang: str) -> str:
    """Return how many territories have no value, by reason: `secret : 8, non disponible : 1`."""
    counts = [(status, statuses.count(status)) for status in sorted(set(statuses))]
    return ", ".join(
        msg("{status}: {n}", status=status_word(status, lang), n=str(count)).render(lang) for status, count in counts
    )


def amount_text(
    value: float,
    unit: str,
    decimals: int | None,
    lang: str,
    *,
    most: float,
    signed: bool = False,
    places: int | None = None,
) -> str:
    """Return an amount as readers take it in: money in millions of euros where the largest shown, `most`, is above two million."""
    from evalkit.text import UNITS

    if not UNITS[unit].is_money or most < MILLIONS:
        return quantity(value, unit, lang, decimals, signed=signed)
    digits = places if places is not None else 2 if most < FEW_MILLIONS else 1
    return f"{number(value / 1e6, lang, digits, signed=signed)}\u00a0M€"


def rounded(value: float, unit: str, decimals: int | None) -> float:
    """Return the value as precisely as readers see it, so that words and numbers agree."""
    from evalkit.text import UNITS

    return round(value, UNITS[unit].decimals if decimals is None else decimals)


def periods_text(periods: Iterable[str], lang: str) -> str:
    """Return a list of periods: `2016, 2018, 2019`."""
    return ", ".join(period(one, lang) for one in periods)


def lower_first(text: str) -> str:
    """Return the text with a small first letter, unless it opens with an acronym or a single letter."""
    return text[:1].lower() + text[1:] if len(text) > 1 and text[1].islower() else text
