"""The small pictures inside a table row: where a value stands among the others, and how it moved."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evalkit.charts.axes import period_places
from evalkit.charts.inputs import Point, finite, quantile
from evalkit.charts.layout import Scale, runs
from evalkit.charts.reading import LEAST_OTHERS, READINGS
from evalkit.charts.style import light
from evalkit.charts.svg import clean
from evalkit.text import msg, nmsg, period, quantity

SPINE_WIDTH, SPINE_HEIGHT, EDGE = 190.0, 24.0, 10.0
SPARK_WIDTH, SPARK_HEIGHT = 92.0, 26.0
LOW_CLIP, HIGH_CLIP = 0.05, 0.95
MIDDLE = SPINE_HEIGHT / 2
NOTHING = '<span class="sub">–</span>'


def spine_cell(
    value: float | None,
    lower: float | None,
    upper: float | None,
    others: Sequence[float | None],
    sign: int,
    status: str,
    *,
    lang: str,
    unit: str,
    decimals: int | None = None,
) -> str:
    """Return the position of a value among the others as a small SVG, or a dash where there is nothing to show.

    The median of the others is the middle; left is less favourable and right more favourable whatever the polarity
    (`sign` -1: lower is better), or low and high for a neutral indicator (`sign` 0, a diamond). The light bar runs from the 5th
    to the 95th percentile, the dark one over the middle half; with fewer than four others there is no bar. A value outside the light
    bar's reach is an arrow at the edge. `status` is a reading code (`read_position`); it gives the dot's colour.
    """
    known = finite(others)
    if not known or (len(known) < LEAST_OTHERS and value is None):
        return NOTHING
    code = "neutral" if sign == 0 and status in {"better", "worse"} else status
    direction = -1 if sign < 0 else 1
    scale = _spine_scale(known, value, direction)
    parts = _bars(scale, known) if len(known) >= LEAST_OTHERS else []
    middle = _line(SPINE_WIDTH / 2, 4, SPINE_WIDTH / 2, 20, "ink", 1.5)
    parts.append(middle)
    if value is not None:
        parts += _dot(scale, value, lower, upper, direction, READINGS[code].colour)
    return _svg("spine", SPINE_WIDTH, SPINE_HEIGHT, _spine_label(value, known, lang, unit, decimals), parts)


def _spine_scale(known: Sequence[float], value: float | None, direction: int) -> Scale:
    median = quantile(known, 0.5)
    reach = max(quantile(known, HIGH_CLIP) - median, median - quantile(known, LOW_CLIP))
    if reach <= 0 or len(known) < LEAST_OTHERS:
        reach = max(reach, abs((median if value is None else value) - median)) or 1.0
    ends = (EDGE, SPINE_WIDTH - EDGE)
    return Scale(median - reach, median + reach, *(ends if direction > 0 else ends[::-1]))


def _bars(scale: Scale, known: Sequence[float]) -> list[str]:
    places = [scale.clip(quantile(known, share)) for share in (LOW_CLIP, 0.25, 0.75, HIGH_CLIP)]
    low, first, third, high = sorted(places)
    return [_rect(low, high, "band", rounded=True), _rect(first, third, "half")]


def _dot(
    scale: Scale, value: float, lower: float | None, upper: float | None, direction: int, colour: str
) -> list[str]:
    parts = []
    if lower is not None and upper is not None:
        ends = sorted((scale.clip(lower), scale.clip(upper)))
        parts.append(_line(ends[0], MIDDLE, ends[1], MIDDLE, "ink", 2))
    x = scale.clip(value)
    if value < scale.low or value > scale.high:
        side = 1 if (value > scale.high) == (direction > 0) else -1
        return [*parts, _arrow(x, side, colour)]
    if colour == "unknown":
        return [*parts, f'<circle cx="{x:.1f}" cy="12" r="4.6" stroke-width="1.8" {_paint("paper", "quiet")}/>']
    if colour == "none":
        return [
            *parts,
            f'<path d="M{x:.1f} 5.5l6.5 6.5-6.5 6.5-6.5-6.5z" stroke-width="1.5" {_paint(colour, "paper")}/>',
        ]
    return [*parts, f'<circle cx="{x:.1f}" cy="12" r="5.2" stroke-width="1.5" {_paint(colour, "paper")}/>']


def _arrow(x: float, side: int, colour: str) -> str:
    fill, line = ("paper", "quiet") if colour == "unknown" else (colour, "paper")
    tip, back = x + 8 * side, x - 4 * side
    return f'<path d="M{tip:.1f} 12L{back:.1f} 5.5L{back:.1f} 18.5z" stroke-width="1.5" {_paint(fill, line)}/>'


def _spine_label(value: float | None, known: Sequence[float], lang: str, unit: str, decimals: int | None) -> str:
    median = quantity(quantile(known, 0.5), unit, lang, decimals)
    if value is None:
        return msg("No value; median of the others {median}", median=median).render(lang)
    shown = quantity(value, unit, lang, decimals)
    if len(known) < LEAST_OTHERS:
        return msg("Position: {value}; median of the others {median}", value=shown, median=median).render(lang)
    low, high = (quantity(quantile(known, share), unit, lang, decimals) for share in (0.25, 0.75))
    return msg(
        "Position: {value}; median of the others {median}, middle half from {low} to {high}",
        value=shown,
        median=median,
        low=low,
        high=high,
    ).render(lang)


def sparkline_cell(
    series: Sequence[Point], *, lang: str, unit: str, decimals: int | None = None, breaks: Sequence[str] = ()
) -> str:
    """Return the movement of a series as a small SVG: gaps where there is no value, a dotted line at each break.

    Fewer than two values make a dash.
    """
    points = sorted(series, key=lambda point: point.period)
    known = [point for point in points if point.value is not None]
    if len(known) < 2:
        return NOTHING
    places = period_places([point.period for point in points])
    numbers = [point.value for point in points if point.value is not None]
    across, upward = (
        Scale(places[0], places[-1], 3, SPARK_WIDTH - 6),
        Scale(min(numbers), max(numbers), SPARK_HEIGHT - 5, 5),
    )
    parts = [
        _line(x, 2, x, SPARK_HEIGHT - 2, "quiet", 0.8, dash="1 3")
        for x in (_before(points, places, across, one) for one in sorted(breaks))
        if x is not None
    ]
    for run in runs([point.value for point in points]):
        line = " ".join(f"{across(places[place]):.1f},{upward(points[place].value or 0.0):.1f}" for place in run)
        if len(run) > 1:
            parts.append(f'<polyline points="{line}" stroke-width="1.7" {_paint(None, "mine")}/>')
        else:
            left, top = line.split(",")
            parts.append(f'<circle cx="{left}" cy="{top}" r="1.4" {_paint("mine", None)}/>')
    x, y = across(places[points.index(known[-1])]), upward(known[-1].value or 0.0)
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" {_paint("mine", None)}/>')
    label = _spark_label(known, lang, unit, decimals)
    if len(known) < len(points):
        label += nmsg(", {n} period without a value", ", {n} periods without a value", len(points) - len(known)).render(
            lang
        )
    return _svg("spark", SPARK_WIDTH, SPARK_HEIGHT, label, parts)


def _before(points: Sequence[Point], places: Sequence[float], across: Scale, when: str) -> float | None:
    later = [place for place, point in enumerate(points) if point.period >= when]
    return across((places[later[0]] + places[later[0] - 1]) / 2) if later and later[0] > 0 else None


def _spark_label(known: Sequence[Point], lang: str, unit: str, decimals: int | None) -> str:
    first, last = known[0], known[-1]
    return msg(
        "From {first} in {start} to {last} in {end}",
        first=quantity(first.value or 0.0, unit, lang, decimals),
        start=period(first.period, lang),
        last=quantity(last.value or 0.0, unit, lang, decimals),
        end=period(last.period, lang),
    ).render(lang)


def _svg(name: str, width: float, height: float, label: str, parts: Sequence[str]) -> str:
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<svg class="{name}" {size} role="img" aria-label="{escape(clean(label))}">{"".join(parts)}</svg>'


def _paint(fill: str | None, line: str | None) -> str:
    classes = [*([f"c-{fill}-fill"] if fill else []), *([f"c-{line}-line"] if line else [])]
    stroke = f' stroke="{light(line)}"' if line else ""
    return f'fill="{light(fill) if fill else "none"}"{stroke} class="{" ".join(classes)}"'


def _rect(start: float, end: float, fill: str, *, rounded: bool = False) -> str:
    corner = ' rx="3"' if rounded else ""
    return f'<rect x="{start:.1f}" y="9" width="{end - start:.1f}" height="6"{corner} {_paint(fill, None)}/>'


def _line(x1: float, y1: float, x2: float, y2: float, token: str, width: float, *, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke-width="{width}"{dashed} {_paint(None, token)}/>'
