"""The small drawings of a portfolio: the outline map, the strip of one indicator, the line of a territory. Plain SVG, no style inside."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup

from evalkit.report.labels import READING_LABELS
from evalkit.report.portfolio_model import PortfolioColumn, PortfolioModel
from evalkit.report.portfolio_rows import Row
from evalkit.text import Interval, Quantity, msg, nmsg, quantity

_MAP_WIDTH, _MAP_HEIGHT, _EDGE = 420.0, 440.0, 8.0
_STRIP_WIDTH, _STRIP_EDGE, _LANE, _RADIUS = 640.0, 30.0, 9.0, 4.2
_MOST_LANES = 21
_MOST_TICKS = 8


def mark(x: float, y: float, reading: str, radius: float = _RADIUS) -> Markup:
    """Draw one territory: the shape says the reading too, not the colour alone."""
    css = READING_LABELS[reading].css
    if reading in ("same", "unknown"):
        return Markup('<circle class="mark-{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>').format(css, x, y, radius)
    r = radius * 1.2
    points = {
        "better": ((x, y - r), (x + r, y + r * 0.8), (x - r, y + r * 0.8)),
        "worse": ((x, y + r), (x + r, y - r * 0.8), (x - r, y - r * 0.8)),
        "neutral": ((x, y - r), (x + r, y), (x, y + r), (x - r, y)),
    }[reading]
    return Markup('<polygon class="mark-{}" points="{}"/>').format(css, _points(points))


def draw_map(model: PortfolioModel, rows: Sequence[Row]) -> Markup | None:
    """Draw where the territories are, on the outlines that were given; None when no territory has a place."""
    placed = [
        (row.task.longitude, row.task.latitude, row.reading or "same")
        for row in rows
        if row.task.longitude is not None and row.task.latitude is not None
    ]
    if not placed:
        return None
    corners = [point for ring in model.outlines for point in ring] + [(x, y) for x, y, _ in placed]
    place, width, height = _projection(corners)
    land = [Markup('<polygon class="land" points="{}"/>').format(_points(map(place, ring))) for ring in model.outlines]
    order = sorted(placed, key=lambda item: item[2] not in ("unknown", "same"))
    marks = [mark(*place((x, y)), reading) for x, y, reading in order]
    label = nmsg("Map of {n} territory", "Map of {n} territories", len(placed)).render(model.lang)
    return _svg("map", width, height, label, [*land, *marks])


def _projection(
    corners: Sequence[tuple[float, float]],
) -> tuple[Callable[[tuple[float, float]], tuple[float, float]], float, float]:
    """Return the function from degrees to the drawing, and the drawing's size (equal scale both ways at the middle latitude)."""
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    narrow = math.cos(math.radians((south + north) / 2))
    across, up = max((east - west) * narrow, 1e-6), max(north - south, 1e-6)
    scale = min((_MAP_WIDTH - 2 * _EDGE) / across, (_MAP_HEIGHT - 2 * _EDGE) / up)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return _EDGE + (point[0] - west) * narrow * scale, _EDGE + (north - point[1]) * scale

    return place, across * scale + 2 * _EDGE, up * scale + 2 * _EDGE


def draw_strip(model: PortfolioModel, column: PortfolioColumn, rows: Sequence[Row]) -> Markup | None:
    """Draw every published value on one axis, with the median; None below two values."""
    shown = sorted(
        (column.values[row.code], row.code, row.reading or "same") for row in rows if row.code in column.values
    )
    if len(shown) < 2:
        return None
    values = [value for value, _, _ in shown]
    ticks = nice_ticks(values[0], values[-1])
    low, high = min(ticks[0], values[0]), max(ticks[-1], values[-1])

    def across(value: float) -> float:
        return _STRIP_EDGE + (value - low) / (high - low) * (_STRIP_WIDTH - 2 * _STRIP_EDGE)

    lanes = _lanes([across(value) for value in values])
    middle = 14 + _LANE * (max(map(abs, lanes)) + 0.5)
    height = 2 * middle + 22
    parts = [_tick(across(tick), height, quantity(tick, column.unit, model.lang, _places(ticks))) for tick in ticks]
    median = across(statistics.median(values))
    parts.append(_line("median", median, 6, height - 24))
    for (value, _, reading), lane in zip(shown, lanes, strict=True):
        parts.append(mark(across(value), middle + lane * _LANE, reading))
    return _svg("strip", _STRIP_WIDTH, height, strip_label(column, values, model.lang), parts)


def strip_label(column: PortfolioColumn, values: Sequence[float], lang: str) -> str:
    """Return the text alternative of the strip: what, how many, from where to where, and the median."""
    return msg(
        "{title}, {period}: {n} territories, {range}, median {median}",
        title=column.title,
        period=column.period,
        n=Quantity(len(values)),
        range=Interval(min(values), max(values), column.unit, column.decimals),
        median=Quantity(statistics.median(values), column.unit, column.decimals),
    ).render(lang)


def draw_line(series: Sequence[float | None], label: str) -> Markup | None:
    """Draw the small line of a territory on a grid of half pixels; a year without value leaves a gap; None below two values."""
    known = [value for value in series if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    step, scale = 172 / (len(series) - 1), 36 / (high - low) if high > low else 0.0
    points = [None if v is None else (round(6 + i * step), round(44 - (v - low) * scale)) for i, v in enumerate(series)]
    parts = [
        Markup('<polyline points="{}"/>').format(" ".join(f"{x},{y}" for x, y in part))
        if len(part) > 1
        else _dot(part[0], 3)
        for part in _unbroken(points)
    ]
    last = next(point for point in reversed(points) if point is not None)
    size = Markup(' width="92" height="26"')
    return _svg("line", 184, 52, label, [*parts, _dot(last, 5)], size)


def nice_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return round values that span a range, at most eight."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / _MOST_TICKS))
    step = next(s * power for s in (1, 2, 5, 10, 20) if span / (s * power) <= _MOST_TICKS - 2)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(number * step for number in range(first, max(last, first + 1) + 1))


def _places(ticks: Sequence[float]) -> int:
    return max(0, -math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9))


def _lanes(xs: Sequence[float]) -> list[int]:
    """Give each mark, from left to right, the lane nearest the middle that is free at its place."""
    order = [0, *(side * lane for lane in range(1, _MOST_LANES // 2 + 1) for side in (-1, 1))]
    last: dict[int, float] = {}
    found = []
    for x in xs:
        free = (lane for lane in order if x - last.get(lane, -math.inf) >= 2 * _RADIUS + 0.6)
        lane = next(free, min(order, key=lambda lane: last.get(lane, -math.inf)))
        last[lane] = x
        found.append(lane)
    return found


def _unbroken(points: Sequence[tuple[int, int] | None]) -> list[list[tuple[int, int]]]:
    parts: list[list[tuple[int, int]]] = [[]]
    for point in points:
        if point is not None:
            parts[-1].append(point)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _dot(point: tuple[int, int], radius: int) -> Markup:
    return Markup('<circle cx="{}" cy="{}" r="{}"/>').format(*point, radius)


def _line(css: str, x: float, top: float, bottom: float) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(css, x, x, top, bottom)


def _tick(x: float, height: float, text: str) -> Markup:
    label = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(x, height - 4, text)
    return _line("grid", x, 8, height - 20) + label


def _svg(css: str, width: float, height: float, label: str, parts: Iterable[Markup], size: str = "") -> Markup:
    return Markup('<svg class="{}" viewBox="0 0 {:.0f} {:.0f}"{} role="img" aria-label="{}">{}</svg>').format(
        css, width, height, size, label, Markup("").join(parts)
    )
