"""The frame of a line chart: light horizontal rules, periods below, values at the left."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.charts.canvas import Canvas
from evalkit.charts.layout import Scale, text_width, tick_decimals
from evalkit.charts.style import TEXT_SIZE
from evalkit.charts.words import MILLIONS, amount_text
from evalkit.text import UNITS, number, period, quantity

TOP, FOOT = 30.0, 34.0
GAP = 8.0
LEAST_TICK_GAP = 12.0


@dataclass(frozen=True)
class Frame:
    """The plotting area: where each period and each value stands."""

    periods: tuple[str, ...]
    places: tuple[float, ...]
    horizontal: Scale
    y: Scale
    left: float
    right: float
    top: float
    bottom: float

    def x(self, when: str) -> float:
        """Return the place of a period."""
        return self.horizontal(self.places[self.periods.index(when)])

    def before(self, when: str) -> float:
        """Return the place just before a period: half a step back, between the two values that a break separates."""
        if when in self.periods:
            place = self.periods.index(when)
            return self.horizontal((self.places[place] + self.places[place - 1]) / 2)
        return self.horizontal(period_places((*self.periods, when))[-1] - 0.5)


def period_places(periods: Sequence[str]) -> tuple[float, ...]:
    """Return where periods stand on the axis: years at their distance, other periods one step apart."""
    if all(one.isdigit() for one in periods):
        return tuple(float(one) for one in periods)
    return tuple(float(place) for place in range(len(periods)))


def tick_label(value: float, marks: Sequence[float], unit: str, lang: str, *, signed: bool = False) -> str:
    """Return the label of a value on an axis, with its unit where the unit is short; large amounts of money are in millions."""
    most = max(abs(mark) for mark in marks)
    if UNITS[unit].is_money and most >= MILLIONS:
        places = tick_decimals([mark / 1e6 for mark in marks])
        return amount_text(value, unit, None, lang, most=most, signed=signed, places=places)
    suffix = UNITS[unit].suffix[lang]
    if len(suffix.strip()) <= 2:
        return quantity(value, unit, lang, tick_decimals(marks), signed=signed)
    return number(value, lang, tick_decimals(marks), signed=signed)


def draw_frame(
    board: Canvas,
    marks: Sequence[float],
    periods: Sequence[str],
    unit: str,
    lang: str,
    *,
    right: float,
    signed: bool = False,
) -> Frame:
    """Draw rules, values and periods, leaving `right` for the labels at the end of the lines."""
    names = [tick_label(mark, marks, unit, lang, signed=signed) for mark in marks]
    left = max(text_width(name) for name in names) + GAP + 4
    edge, bottom = board.width - right, board.height - FOOT
    places = period_places(periods)
    span = (places[0] - 0.5, places[0] + 0.5) if len(places) == 1 else (places[0], places[-1])
    frame = Frame(
        tuple(periods),
        places,
        Scale(*span, left + 8, edge - 6),
        Scale(marks[0], marks[-1], bottom, TOP),
        left,
        edge,
        TOP,
        bottom,
    )
    for mark, name in zip(marks, names, strict=True):
        y = frame.y(mark)
        board.line([left, edge], [y, y], "rule", 1)
        board.text(left - GAP, y + 4.2, name, anchor="end")
    _draw_unit(board, frame, unit, lang)
    _draw_periods(board, frame, lang)
    return frame


def _draw_unit(board: Canvas, frame: Frame, unit: str, lang: str) -> None:
    suffix = UNITS[unit].suffix[lang].strip()
    if len(suffix) > 2:
        board.text(frame.left - GAP, frame.top - 14, suffix, anchor="end")


def _draw_periods(board: Canvas, frame: Frame, lang: str) -> None:
    names = [period(one, lang) for one in frame.periods]
    xs = [frame.x(one) for one in frame.periods]
    for place in labelled(xs, [text_width(name, TEXT_SIZE) for name in names]):
        board.text(xs[place], frame.bottom + 24, names[place], anchor="middle")


def apart(xs: Sequence[float], labels: Sequence[str], first: int = 0) -> list[int]:
    """Return which labels of an axis can be written without touching: the one at `first` (zero, say), then from left to right."""
    order = [first, *(place for place in range(len(xs)) if place != first)]
    halves = [text_width(label) / 2 + LEAST_TICK_GAP / 2 for label in labels]
    kept: list[int] = []
    for place in order:
        if all(abs(xs[place] - xs[other]) >= halves[place] + halves[other] for other in kept):
            kept.append(place)
    return sorted(kept)


def draw_ticks(board: Canvas, xs: Sequence[float], labels: Sequence[str], y: float, first: int = 0) -> None:
    """Write the labels of a horizontal axis below it, leaving out those that would touch."""
    for place in apart(xs, labels, first):
        board.text(xs[place], y, labels[place], anchor="middle")


def labelled(xs: Sequence[float], widths: Sequence[float]) -> list[int]:
    """Return which periods get a label: the first, the last, and every second, third... that leaves room."""
    last = len(xs) - 1
    gap = max(widths) + LEAST_TICK_GAP
    spacing = min((after - before for before, after in itertools.pairwise(xs)), default=gap)
    step = next(one for one in (1, 2, 3, 5, 10, 20, len(xs)) if one * spacing >= gap or one == len(xs))
    kept = [place for place in range(0, last, step) if xs[last] - xs[place] >= gap - LEAST_TICK_GAP / 2]
    return [*kept, last]
