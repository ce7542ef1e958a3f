"""Where things go on a chart: scales, honest ticks, text measures, and labels that do not cover one another."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.charts.style import TEXT_SIZE

LEAST_SPAN_PERCENT = 10.0
LEAST_SPAN_SHARE = 0.2


@dataclass(frozen=True)
class Scale:
    """A straight scale from data (`low` to `high`) to the picture (`start` to `end`)."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        span = self.high - self.low
        return self.start + (self.end - self.start) * ((value - self.low) / span if span else 0.5)

    def clip(self, value: float) -> float:
        """Return the place of a value, brought back to the nearest end when it is outside."""
        return self(min(max(value, self.low), self.high))


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Return round numbers that enclose a range, about `count` of them: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if high <= low:
        high = low + 1
    rough = (high - low) / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * place, 10) for place in range(first, last + 1)]


def line_ticks(values: Sequence[float], *, bounded: bool, count: int = 6) -> list[float]:
    """Return the ticks of a line chart. Zero is not forced, but a small wobble is not blown up either.

    The range is at least ten points for percentages (`bounded`: kept within 0 and 100 where the data are) and at least
    a fifth of the largest value for the rest.
    """
    low, high = min(values), max(values)
    least = LEAST_SPAN_PERCENT if bounded else LEAST_SPAN_SHARE * max(abs(low), abs(high))
    missing = max(0.0, least - (high - low))
    padding = missing / 2 + 0.04 * (high - low)
    floor = 0.0 if low >= 0 else -math.inf
    ceiling = 100.0 if bounded and high <= 100 else math.inf
    return ticks(max(low - padding, floor), min(high + padding, ceiling), count)


def tick_decimals(marks: Sequence[float]) -> int:
    """Return how many decimals tell neighbouring ticks apart."""
    return next((places for places in range(4) if all(round(mark, places) == mark for mark in marks)), 4)


@functools.cache
def _measure() -> Any:
    from matplotlib.textpath import TextToPath

    return TextToPath()


@functools.cache
def text_width(text: str, size: float = TEXT_SIZE, *, bold: bool = False) -> float:
    """Return the width of a text, measured in a font wider than most, so that it fits in the reader's own."""
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a glyph that only the reader's own font has
        return float(_measure().get_text_width_height_descent(text, font, ismath=False)[0])


def fit(text: str, width: float, size: float = TEXT_SIZE, *, bold: bool = False) -> str:
    """Return the text, cut with an ellipsis where it is wider than `width`."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip(" -–,") + "…"


def wrap_text(text: str, width: float, size: float = TEXT_SIZE, *, lines: int = 2, bold: bool = False) -> list[str]:
    """Return the text on at most `lines` lines of `width`, the last one cut where needed."""
    words = text.replace(" - ", "\u00a0- ").split(" ")
    done: list[str] = []
    while words and len(done) < lines - 1:
        count = len(words)
        while count > 1 and text_width(" ".join(words[:count]), size, bold=bold) > width:
            count -= 1
        done.append(fit(" ".join(words[:count]), width, size, bold=bold))
        words = words[count:]
    return [*done, fit(" ".join(words), width, size, bold=bold)] if words else done


def spread_apart(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return centres near the wanted ones, in the same order, that leave each label its height within `low` to `high`."""
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    placed: list[float] = [0.0] * len(wanted)
    edge = low
    for place in order:
        placed[place] = max(wanted[place], edge + heights[place] / 2)
        edge = placed[place] + heights[place] / 2
    edge = high
    for place in reversed(order):
        placed[place] = min(placed[place], edge - heights[place] / 2)
        edge = placed[place] - heights[place] / 2
    return placed


def runs(values: Sequence[Any]) -> list[list[int]]:
    """Return the places of the unbroken stretches of values that are not None."""
    found: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        if found and found[-1][-1] == place - 1:
            found[-1].append(place)
        else:
            found.append([place])
    return found
