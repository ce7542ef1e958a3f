"""The one formatter of numbers, intervals, dates and periods: `12,3 %`, `1 234 567 €`, `−4,2 pt`, `1er mars 2026`."""

from __future__ import annotations

import datetime
import functools
import math
from dataclasses import dataclass
from typing import Any

from evalkit.text.units import NBSP, UNITS

MINUS = "\u2212"
NO_VALUE = "\u2013"


@functools.cache
def _pattern(text: str) -> Any:
    from babel.numbers import parse_pattern

    return parse_pattern(text)


def number(value: float, lang: str, decimals: int = 0, *, signed: bool = False) -> str:
    """Write a number with the language's separators, the true minus sign, and a plus sign when `signed`.

    Rounds half to even on the decimal text, never shows a negative zero. Raises `ValueError` for NaN or infinity:
    a value that does not exist has a status, not a number.
    """
    if not math.isfinite(value):
        raise ValueError("a number to be shown must be finite; show its status instead")
    from babel.numbers import format_decimal

    digits = "." + "0" * decimals if decimals else ""
    text = format_decimal(abs(value), format=_pattern(f"#,##0{digits}"), locale=lang)
    if not any(character in "123456789" for character in text):
        return text
    return f"{MINUS}{text}" if value < 0 else f"+{text}" if signed else text


def quantity(value: float, unit: str, lang: str, decimals: int | None = None, *, signed: bool = False) -> str:
    """Write a number with its unit: `quantity(57.84, "percent", "fr")` gives `57,8 %`."""
    known = UNITS[unit]
    places = known.decimals if decimals is None else decimals
    return number(value, lang, places, signed=signed) + known.suffix[lang]


def interval(
    lower: float, upper: float, unit: str, lang: str, decimals: int | None = None, *, signed: bool = False
) -> str:
    """Write an interval: `[10,1 % ; 14,2 %]` in French, `[10.1%; 14.2%]` in English."""
    first = quantity(lower, unit, lang, decimals, signed=signed)
    last = quantity(upper, unit, lang, decimals, signed=signed)
    return f"[{first}{NBSP}; {last}]" if lang == "fr" else f"[{first}; {last}]"


def date(value: datetime.date, lang: str) -> str:
    """Write a day in full: `1er mars 2026`, `1 March 2026`."""
    from babel.dates import format_date

    text = format_date(value, "d MMMM y", locale="en_GB" if lang == "en" else lang)
    return text.replace("1 ", f"1er{NBSP}", 1) if lang == "fr" and value.day == 1 else text.replace(" ", NBSP, 1)


def period(value: str, lang: str) -> str:
    """Write a period: `2020` stays, `2012/2015` becomes `2012-2015`."""
    return value.replace("/", "-")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, as a value of a message: formatted only when the language is known."""

    value: float
    unit: str = "count"
    decimals: int | None = None
    signed: bool = False

    def render(self, lang: str) -> str:
        """Return the formatted number."""
        return quantity(self.value, self.unit, lang, self.decimals, signed=self.signed)


@dataclass(frozen=True)
class Interval:
    """An interval with its unit, as a value of a message."""

    lower: float
    upper: float
    unit: str = "count"
    decimals: int | None = None
    signed: bool = False

    def render(self, lang: str) -> str:
        """Return the formatted interval."""
        return interval(self.lower, self.upper, self.unit, lang, self.decimals, signed=self.signed)


@dataclass(frozen=True)
class Day:
    """A date, as a value of a message."""

    value: datetime.date

    def render(self, lang: str) -> str:
        """Return the date in full."""
        return date(self.value, lang)
