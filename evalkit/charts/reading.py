"""How a value reads beside the others: one code with a symbol, a word and a colour. Neutral indicators are never judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evalkit.charts.inputs import finite, quantile
from evalkit.model.observation import WITH_VALUE
from evalkit.text import Message, msg

ReadingCode = Literal[
    "better",
    "worse",
    "close",
    "not_established",
    "neutral",
    "untested",
    "secret",
    "missing",
    "not_applicable",
    "small_sample",
]
LEAST_OTHERS = 4


@dataclass(frozen=True)
class Reading:
    """The symbol, the word and the colour class of a reading."""

    symbol: str
    word: Message
    colour: str


READINGS: dict[str, Reading] = {
    "better": Reading("▲", msg("more favourable"), "better"),
    "worse": Reading("▼", msg("less favourable"), "worse"),
    "close": Reading("●", msg("close to the median"), "same"),
    "not_established": Reading("●", msg("no established difference"), "same"),
    "neutral": Reading("◆", msg("not judged"), "none"),
    "untested": Reading("○", msg("cannot be tested"), "unknown"),
    "secret": Reading("○", msg("secret"), "unknown"),
    "missing": Reading("○", msg("not available"), "unknown"),
    "not_applicable": Reading("○", msg("not applicable"), "unknown"),
    "small_sample": Reading("○", msg("too few to publish"), "unknown"),
}


def read_position(
    value: float | None,
    lower: float | None,
    upper: float | None,
    others: Sequence[float | None],
    sign: int,
    status: str = "published",
) -> ReadingCode:
    """Say how a value reads beside those of the others.

    With an interval: `better` or `worse` only when the interval leaves the median of the others on one side, else
    `not_established`. Without one (a full count, or no published interval): `close` inside the middle half of the
    others, `better` or `worse` outside; this describes a position, it is not a test. `sign` 0 is `neutral`.
    """
    if value is None or status not in WITH_VALUE:
        return _absent(status)
    if sign == 0:
        return "neutral"
    known = finite(others)
    if len(known) < LEAST_OTHERS:
        return "untested"
    if lower is not None and upper is not None:
        median = quantile(known, 0.5)
        return "not_established" if lower <= median <= upper else _side(value - median, sign)
    low, high = quantile(known, 0.25), quantile(known, 0.75)
    return "close" if low <= value <= high else _side(value - high if value > high else value - low, sign)


def allowed(code: str, sign: int, status: str) -> str:
    """Return the reading that may be shown: no judgement without a value, none for a neutral indicator."""
    if status not in WITH_VALUE:
        return code if code == "small_sample" else _absent(status)
    return "neutral" if sign == 0 else code


def _absent(status: str) -> ReadingCode:
    if status == "secret":
        return "secret"
    return "not_applicable" if status == "not_applicable" else "missing"


def _side(gap: float, sign: int) -> ReadingCode:
    return "better" if gap * sign > 0 else "worse"
