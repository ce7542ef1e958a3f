"""The strip of one indicator: every territory on one axis with its interval, or, when they are many, how many there are at each place."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evalkit.report.labels import READING_LABELS, VerdictLabel
from evalkit.report.portfolio_marks import MOST_NAMED, draw_marks, svg
from evalkit.report.portfolio_model import PortfolioColumn, PortfolioModel
from evalkit.report.portfolio_rows import Row, counted, readings
from evalkit.text import Interval, Message, Quantity, Renderable, change_unit, msg, quantity

_WIDTH, _EDGE, _LANE, _RADIUS = 640.0, 30.0, 9.0, 4
_MOST_LANES, _MOST_TICKS, _MOST_WHISKERS = 21, 8, 150
_BINS, _BAR_HEIGHT = 58, 120.0


@dataclass(frozen=True)
class Strip:
    """One indicator over all territories: the drawing, how many territories have each reading, and what may not be concluded."""

    column: PortfolioColumn
    picture: Markup
    counts: tuple[tuple[str, VerdictLabel, int], ...]
    notes: tuple[Renderable, ...]


def build_strips(model: PortfolioModel, rows: Sequence[Row]) -> tuple[Strip, ...]:
    """Return the strip of each indicator that has at least two published values."""
    strips = []
    for column in model.columns:
        shown = {row.code: row.task.name for row in rows}
        said = readings(column, list(shown))
        picture = _draw(model, column, said, shown)
        if picture is not None:
            strips.append(Strip(column, picture, counted(said.values()), _notes(column, list(shown))))
    return tuple(strips)


def _notes(column: PortfolioColumn, codes: Sequence[str]) -> tuple[Renderable, ...]:
    """Say what the order of the marks does not mean."""
    notes: list[Renderable] = []
    if column.noise is None:
        notes.append(msg("This is not a ranking."))
    else:
        noise = Quantity(column.noise, change_unit(column.unit), column.decimals)
        notes.append(
            msg(
                "This is not a ranking: from one year to the next, a territory moves by {noise} without visible cause (standard deviation).",
                noise=noise,
            )
        )
    known = [(column.values[code], column.intervals[code]) for code in codes if code in column.intervals]
    if known:
        notes.append(_ties(column, known))
    return tuple(notes)


def _ties(column: PortfolioColumn, known: Sequence[tuple[float, tuple[float, float]]]) -> Message:
    middle = statistics.median(column.values.values())
    ties = sum(low <= middle <= high for _, (low, high) in known)
    return msg(
        "For {n} of the {total} territories with an interval, it holds the median: on which side of it they stand is not known.",
        n=Quantity(ties),
        total=Quantity(len(known)),
    )


def _draw(model: PortfolioModel, column: PortfolioColumn, said: dict[str, str], names: dict[str, str]) -> Markup | None:
    shown = sorted((column.values[code], code) for code in names if code in column.values)
    if len(shown) < 2:
        return None
    values = [value for value, _ in shown]
    whiskers = (
        {c: column.intervals[c] for _, c in shown if c in column.intervals} if len(shown) <= _MOST_WHISKERS else {}
    )
    lowest = min([values[0], *(low for low, _ in whiskers.values())])
    highest = max([values[-1], *(high for _, high in whiskers.values())])
    ticks = nice_ticks(lowest, highest)
    axis = _Axis(ticks, min(ticks[0], lowest), max(ticks[-1], highest))
    if len(shown) > MOST_NAMED:
        height, marks = _bars(axis, [(value, said[code]) for value, code in shown])
    else:
        height, marks = _marks(axis, shown, said, names, whiskers)
    middle = axis.across(statistics.median(values))
    grid = [_tick(axis.across(t), height, quantity(t, column.unit, model.lang, axis.places)) for t in ticks]
    label = strip_label(column, values, model.lang)
    return svg("strip", _WIDTH, height, label, [*grid, _line("median", middle, 6, height - 24), *marks])


@dataclass(frozen=True)
class _Axis:
    ticks: tuple[float, ...]
    low: float
    high: float

    def across(self, value: float) -> float:
        return _EDGE + (value - self.low) / (self.high - self.low) * (_WIDTH - 2 * _EDGE)

    @property
    def places(self) -> int:
        """Return how many decimals the ticks need."""
        return max(0, -math.floor(math.log10(self.ticks[1] - self.ticks[0]) + 1e-9))


def _marks(
    axis: _Axis,
    shown: Sequence[tuple[float, str]],
    said: dict[str, str],
    names: dict[str, str],
    whiskers: dict[str, tuple[float, float]],
) -> tuple[float, list[Markup]]:
    xs = [axis.across(value) for value, _ in shown]
    lanes = _lanes(xs)
    middle = 14 + _LANE * (max(map(abs, lanes)) + 0.5)
    places = [
        (x, middle + lane * _LANE, said[code], code, names[code])
        for x, (_, code), lane in zip(xs, shown, lanes, strict=True)
    ]
    lines = [
        Markup('<path class="whisker" d="M{:.0f} {:.0f}H{:.0f}"/>').format(*_ends(axis, whiskers[code], y))
        for _, y, _, code, _ in places
        if code in whiskers
    ]
    return 2 * middle + 22, [*lines, draw_marks(places, _RADIUS)]


def _ends(axis: _Axis, bounds: tuple[float, float], y: float) -> tuple[float, float, float]:
    return axis.across(bounds[0]), y, axis.across(bounds[1])


def _bars(axis: _Axis, shown: Sequence[tuple[float, str]]) -> tuple[float, list[Markup]]:
    """Count the territories at each place of the axis, those of each reading apart."""
    width = (_WIDTH - 2 * _EDGE) / _BINS
    counts = Counter((min(_BINS - 1, int((axis.across(value) - _EDGE) / width)), said) for value, said in shown)
    most = max(sum(n for (other, _), n in counts.items() if other == place) for place, _ in counts)
    tops: Counter[int] = Counter()
    bars = []
    for (place, said), n in sorted(counts.items()):
        tall = n / most * _BAR_HEIGHT
        top = 12 + _BAR_HEIGHT - tops[place] - tall
        bars.append(
            Markup('<rect class="mark-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                READING_LABELS[said].css, _EDGE + place * width, top, width - 1.2, tall
            )
        )
        tops[place] += round(tall)
    return 12 + _BAR_HEIGHT + 26, bars


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
    """Draw the small line of a territory; a year without value leaves a gap; None below two values."""
    known = [value for value in series if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    scale = 9 / (high - low) if high > low else 0.0
    points = [None if v is None else 22 - 2 * round((v - low) * scale) for v in series]
    step = 86 // (len(series) - 1)
    path = _small_path(points, max(1, step))
    return svg("line", 92, 26, label, [Markup('<path d="{}"/>').format(path)], Markup(' width="92" height="26"'))


def _small_path(points: Sequence[int | None], step: int) -> str:
    """Return the line as relative steps, which take fewest bytes: a stroke of no length is a lone value, a move is a gap."""
    parts: list[str] = []
    before: int | None = None
    for number, y in enumerate(points):
        if y is None:
            before = None
        elif before is None:
            parts.append(f"M{3 + number * step} {y}h0")
            before = y
        else:
            parts.append(f"l{step} {y - before}")
            before = y
    return "".join(parts)


def nice_ticks(low: float, high: float) -> tuple[float, ...]:
    """Return round values that span a range, at most eight."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / _MOST_TICKS))
    step = next(s * power for s in (1, 2, 5, 10, 20) if span / (s * power) <= _MOST_TICKS - 2)
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(number * step for number in range(first, max(last, first + 1) + 1))


def _lanes(xs: Sequence[float]) -> list[int]:
    """Give each mark, from left to right, the lane nearest the middle that is free at its place."""
    order = [0, *(side * lane for lane in range(1, _MOST_LANES // 2 + 1) for side in (-1, 1))]
    last: dict[int, float] = {}
    found = []
    for x in xs:
        free = (lane for lane in order if x - last.get(lane, -math.inf) >= 2 * _RADIUS + 1.4)
        lane = next(free, min(order, key=lambda lane: last.get(lane, -math.inf)))
        last[lane] = x
        found.append(lane)
    return found


def _line(css: str, x: float, top: float, bottom: float) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>').format(css, x, x, top, bottom)


def _tick(x: float, height: float, text: str) -> Markup:
    label = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(x, height - 4, text)
    return _line("grid", x, 8, height - 20) + label
