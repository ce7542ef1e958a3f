"""Words and numbers shared by the charts: statuses, periods and values as readers see them."""

from __future__ import annotations

from collections.abc import Iterable

from evalkit.charts.inputs import Point
from evalkit.text import Message, Quantity, change_unit, msg, period, quantity

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
