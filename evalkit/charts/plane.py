"""The frame of a chart of numbers against numbers, and the small things that charts of effects share."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.charts.axes import GAP, draw_ticks, tick_label
from evalkit.charts.canvas import Canvas
from evalkit.charts.layout import Scale, text_width
from evalkit.charts.style import SMALL_SIZE
from evalkit.text import UNITS, msg

TOP, FOOT = 34.0, 46.0
Place = tuple[float, float]


@dataclass(frozen=True)
class Ruler:
    """An axis: its round numbers with their labels, what it measures, and the range drawn (the round numbers when None)."""

    marks: tuple[float, ...]
    labels: tuple[str, ...]
    title: str = ""
    span: tuple[float, float] | None = None
    is_log: bool = False

    @classmethod
    def of(cls, marks: Sequence[float], unit: str, lang: str, *, title: str = "", signed: bool = False) -> Ruler:
        """Label round numbers in a unit."""
        labels = tuple(tick_label(one, marks, unit, lang, signed=signed) for one in marks)
        suffix = UNITS[unit].suffix[lang].strip()
        return cls(tuple(marks), labels, title or (suffix if len(suffix) > 2 else ""))

    def scale(self, start: float, end: float) -> Scale:
        """Return the scale of the axis between two places of the picture."""
        low, high = self.span or (self.marks[0], self.marks[-1])
        return Scale(math.log10(low), math.log10(high), start, end) if self.is_log else Scale(low, high, start, end)


@dataclass(frozen=True)
class Plane:
    """The plotting area of two numeric axes."""

    across: Ruler
    upward: Ruler
    horizontal: Scale
    y: Scale
    left: float
    right: float
    top: float
    bottom: float

    def x(self, value: float) -> float:
        """Return the place of a value on the horizontal axis."""
        return self.horizontal(math.log10(value) if self.across.is_log else value)


def draw_plane(board: Canvas, across: Ruler, upward: Ruler, *, right: float = 10.0) -> Plane:
    """Draw both axes, leaving `right` for labels beside the plot; horizontal rules are light, there are no vertical ones."""
    left = max(text_width(label) for label in upward.labels) + GAP + 4
    edge, bottom = board.width - right, board.height - FOOT
    plane = Plane(across, upward, across.scale(left + 8, edge - 6), upward.scale(bottom, TOP), left, edge, TOP, bottom)
    draw_rules(board, plane, left, edge)
    for mark, label in zip(upward.marks, upward.labels, strict=True):
        board.text(left - GAP, plane.y(mark) + 4.2, label, anchor="end")
    if upward.title:
        board.text(0, TOP - 20, upward.title, size=SMALL_SIZE)
    draw_ticks(board, [plane.x(mark) for mark in across.marks], across.labels, bottom + 22)
    board.text((left + edge) / 2, bottom + 41, across.title, size=SMALL_SIZE, anchor="middle")
    return plane


def draw_rules(board: Canvas, plane: Plane, left: float, right: float) -> None:
    """Draw the light horizontal rules between two places (again, where a wash covers them)."""
    for mark in plane.upward.marks:
        board.line([left, right], [plane.y(mark)] * 2, "rule", 1)


def log_marks(low: float, high: float) -> list[float]:
    """Return the round numbers (1, 2 and 5 times a power of ten) inside a range, one on each side of it at most."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    first = max((place for place, one in enumerate(every) if one <= low), default=0)
    last = min((place for place, one in enumerate(every) if one >= high), default=len(every) - 1)
    return every[first : last + 1]


def draw_sides(board: Canvas, x: float, y: float, sign: int, lang: str) -> None:
    """Say, right-aligned at `x`, which side of the vertical axis is favourable; nothing where the indicator has no sign."""
    if sign:
        good, bad = msg("more favourable").render(lang), msg("less favourable").render(lang)
        up, down = (good, bad) if sign > 0 else (bad, good)
        board.text(x, y, f"↑ {up}   ↓ {down}", size=SMALL_SIZE, anchor="end")


def draw_ends(board: Canvas, left: float, right: float, y: float, sign: int, lang: str) -> None:
    """Say at both ends of a horizontal axis which side is favourable; nothing where the indicator has no sign."""
    if sign:
        good, bad = msg("more favourable").render(lang), msg("less favourable").render(lang)
        first, last = (bad, good) if sign > 0 else (good, bad)
        board.text(left, y, f"← {first}", size=SMALL_SIZE)
        board.text(right, y, f"{last} →", size=SMALL_SIZE, anchor="end")


def clipped(places: Sequence[Place], top: float, bottom: float) -> list[list[Place]]:
    """Return the parts of a broken line that lie between two heights, cut where the line crosses them."""
    found: list[list[Place]] = []
    for first, last in itertools.pairwise(places):
        if max(first[1], last[1]) < top or min(first[1], last[1]) > bottom:
            continue
        start, end = (_at_edge(one, first, last, top, bottom) for one in (first, last))
        if found and found[-1][-1] == start:
            found[-1].append(end)
        else:
            found.append([start, end])
    return found


def _at_edge(place: Place, first: Place, last: Place, top: float, bottom: float) -> Place:
    """Return the place, or where the line from first to last meets the edge that the place lies beyond."""
    edge = min(max(place[1], top), bottom)
    if edge == place[1]:
        return place
    share = (edge - first[1]) / (last[1] - first[1])
    return first[0] + (last[0] - first[0]) * share, edge
