"""The strip: how an indicator is spread over territories, each a mark on one scale, set apart by how it reads. Not a ranking."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.charts import alt as alternative
from evalkit.charts.axes import draw_ticks, tick_label
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, finite
from evalkit.charts.layout import Scale, fit, line_ticks, text_width, wrap_text
from evalkit.charts.place_inputs import StripData, StripRow
from evalkit.charts.plane import draw_ends
from evalkit.charts.reading import READINGS
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import bounds_text, hidden_text, value_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, msg, period, quantity

TOP, FOOT, ENDS, LABEL = 34.0, 42.0, 52.0, 150.0
LANE, LEVEL, CROWD, LINE = 30.0, 6.0, 62.0, 18.0
GAP, COLUMN = 7.0, 5.0
MOST_LEVELS = 9
MOST_MARKS, MOST_INTERVALS = 150, 80
ORDER = ("better", "close", "not_established", "worse", "neutral", "untested")
SHAPES = {"better": "^", "worse": "v", "neutral": "D"}


def strip(figure_id: str, data: StripData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the strip, with a lane for each reading (the word says which), the median as a line, the territory in blue.

    Thin lines are the intervals, where there are at most eighty territories. Those without a value are counted under the axis and have no
    mark. Beyond a hundred and fifty, columns stand for marks: their height is how many territories they hold. Raises `ValueError` when
    no territory has a value.
    """
    text = alt or alternative.strip(data, lang)
    known = [row for row in data.rows if row.point.value is not None]
    if not known:
        raise ValueError("a strip needs at least one value")
    scale, marks = _scale(known, data)
    lanes = [
        lane
        for code in ORDER
        if (lane := _lane(scale, code, [row for row in known if row.reading == code], len(known)))
    ]
    foot = FOOT + LINE * ((data.sign != 0) + (len(known) < len(data.rows)))
    with drawing(TOP + sum(lane.height for lane in lanes) + foot) as board:
        _draw_axis(board, scale, marks, board.height - foot, data, lang)
        most = max(max(Counter(_columns(lane)).values()) for lane in lanes)
        y = TOP
        for lane in lanes:
            _draw_lane(board, scale, lane, y + lane.height / 2, most, data, lang)
            y += lane.height
        _draw_median(board, scale, board.height - foot, data, lang)
        _name_mine(board, scale, data, lang)
        picture = board.svg(figure_id, text)
    table = strip_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


@dataclass(frozen=True)
class Lane:
    """The territories of one reading: each with its place on the scale and its level; `is_crowd` draws columns instead of marks."""

    code: str
    placed: tuple[tuple[StripRow, float, int], ...]
    is_crowd: bool

    @property
    def height(self) -> float:
        """Return the room that the lane needs."""
        levels = [level for _, _, level in self.placed]
        return CROWD if self.is_crowd else LANE + LEVEL * (max(levels) - min(levels))

    @property
    def lift(self) -> float:
        """Return how far the levels lie off the middle of the lane."""
        levels = [level for _, _, level in self.placed]
        return (max(levels) + min(levels)) / 2


def _lane(scale: Scale, code: str, rows: Sequence[StripRow], total: int) -> Lane | None:
    if not rows:
        return None
    if total > MOST_MARKS:
        return Lane(code, tuple((row, scale(row.point.value or 0.0), 0) for row in rows), is_crowd=True)
    return Lane(code, tuple(_swarm(scale, rows)), is_crowd=False)


def _columns(lane: Lane) -> list[int]:
    """Return the column of a crowd that each territory falls into."""
    return [math.floor(x / COLUMN) for _, x, _ in lane.placed]


def _scale(known: Sequence[StripRow], data: StripData) -> tuple[Scale, list[float]]:
    numbers = finite([row.point.value for row in known] + [data.median])
    marks = line_ticks(numbers, bounded=data.unit == "percent")
    return Scale(marks[0], marks[-1], LABEL + 10, 692.0), marks


def _swarm(scale: Scale, rows: Sequence[StripRow]) -> list[tuple[StripRow, float, int]]:
    """Return marks set apart in alternate rows (0, 1, -1, 2, -2...) so that none hides another, as far as there is room."""
    ends: dict[int, float] = {}
    found = []
    order = [0, *(level for step in range(1, (MOST_LEVELS + 1) // 2) for level in (step, -step))]
    for row in sorted(rows, key=lambda one: (one.point.value or 0.0, one.label)):
        x = scale(row.point.value or 0.0)
        free = [level for level in order if x - ends.get(level, -GAP) >= GAP]
        level = free[0] if free else min(order, key=lambda one: (ends[one], abs(one), one))
        ends[level] = x
        found.append((row, x, level))
    return found


def _draw_axis(board: Canvas, scale: Scale, marks: Sequence[float], bottom: float, data: StripData, lang: str) -> None:
    xs = [scale(mark) for mark in marks]
    for x in xs:
        board.line([x, x], [TOP - 6, bottom], "rule", 1)
    draw_ticks(board, xs, [tick_label(mark, marks, data.unit, lang) for mark in marks], bottom + 18)
    draw_ends(board, scale.start, scale.end, bottom + ENDS, data.sign, lang)
    hidden = hidden_text([row.point.status for row in data.rows if row.point.value is None], lang)
    if hidden:
        words = msg("not placed ({counts})", counts=hidden).render(lang)
        board.text(scale.end, bottom + ENDS + (LINE if data.sign else 0.0), words, size=SMALL_SIZE, anchor="end")


def _draw_lane(board: Canvas, scale: Scale, lane: Lane, middle: float, most: int, data: StripData, lang: str) -> None:
    reading = READINGS[lane.code]
    token = "quiet" if reading.colour == "unknown" else reading.colour
    words = msg("{symbol} {word}: {n}", symbol=reading.symbol, word=reading.word, n=str(len(lane.placed))).render(lang)
    lines = wrap_text(words, LABEL - 14, SMALL_SIZE)
    for place, line in enumerate(lines):
        y = middle + 4 + 13 * (place - (len(lines) - 1) / 2)
        board.text(LABEL - 12, y, line, token, size=SMALL_SIZE, anchor="end")
    if lane.is_crowd:
        _draw_crowd(board, lane, middle, most, token)
    else:
        _draw_marks(board, scale, lane, middle, token, data)
    for row, x, level in lane.placed:
        if row.label == data.highlighted:
            _draw_mine(board, scale, row, x, middle + LEVEL * (level - lane.lift), SHAPES.get(lane.code, "o"))


def _draw_crowd(board: Canvas, lane: Lane, middle: float, most: int, token: str) -> None:
    """Draw columns as high as the territories they stand for are many, on the same scale in every lane."""
    columns = []
    for place, count in sorted(Counter(_columns(lane)).items()):
        x, half = place * COLUMN, max(0.8, (CROWD - 12) / 2 * count / most)
        columns.append(
            [(x, middle - half), (x + COLUMN - 1, middle - half), (x + COLUMN - 1, middle + half), (x, middle + half)]
        )
    board.outline(columns, token, token, 0.2)


def _draw_marks(board: Canvas, scale: Scale, lane: Lane, middle: float, token: str, data: StripData) -> None:
    others = [
        (row, x, middle + LEVEL * (level - lane.lift)) for row, x, level in lane.placed if row.label != data.highlighted
    ]
    if len(data.rows) <= MOST_INTERVALS:
        spans = [
            (scale.clip(row.point.lower), y, scale.clip(row.point.upper), y)
            for row, _, y in others
            if row.point.lower is not None and row.point.upper is not None
        ]
        board.segments(spans, "half", 1)
    spots = [(x, y) for _, x, y in others]
    if lane.code in ("better", "worse"):
        board.triangles(spots, token, 5.5, up=lane.code == "better")
    elif lane.code in SHAPES:
        for x, y in spots:
            board.mark(x, y, token, shape=SHAPES[lane.code], size=4.5)
    else:
        board.dots(spots, token, 5.5)


def _draw_mine(board: Canvas, scale: Scale, row: StripRow, x: float, y: float, shape: str) -> None:
    if row.point.lower is not None and row.point.upper is not None:
        board.line([scale.clip(row.point.lower), scale.clip(row.point.upper)], [y, y], "mine", 2)
    board.line([x, x], [TOP - 8, y], "mine", 1, dash=(2, 3))
    board.mark(x, y, "paper", shape=shape, size=11)
    board.mark(x, y, "mine", shape=shape, size=8)


def _draw_median(board: Canvas, scale: Scale, bottom: float, data: StripData, lang: str) -> None:
    if data.median is None:
        return
    x = scale(data.median)
    board.line([x, x], [TOP - 6, bottom + 4], "ref", 1.8)
    words = msg("median {value}", value=quantity(data.median, data.unit, lang, data.decimals)).render(lang)
    half = text_width(words, SMALL_SIZE) / 2
    middle = min(max(x, scale.start + half), scale.end - half)
    board.text(middle, bottom + 33, words, "ref", size=SMALL_SIZE, anchor="middle", halo=True)


def _name_mine(board: Canvas, scale: Scale, data: StripData, lang: str) -> None:
    mine = next((row for row in data.rows if row.label == data.highlighted), None)
    if mine is None:
        return
    words = f"{fit(clean(mine.label), 300, bold=True)} {value_text(mine.point, data.unit, lang, data.decimals)}"
    half = text_width(words, bold=True) / 2
    x = scale.start if mine.point.value is None else scale(mine.point.value)
    board.text(min(max(x, half), board.width - half), TOP - 14, words, "mine", bold=True, anchor="middle")


def strip_table(data: StripData, lang: str) -> DataTable:
    """Return value, interval and reading of each territory, in the order given."""
    heads = (msg("Territory"), msg("Value"), msg("Interval"), msg("Reading"))
    rows = []
    for row in data.rows:
        value = value_text(row.point, data.unit, lang, data.decimals)
        bounds = bounds_text(row.point.lower, row.point.upper, data.unit, data.decimals, lang, signed=False)
        word = NO_VALUE if row.point.value is None else READINGS[row.reading].word.render(lang)
        rows.append((clean(row.label), value, bounds, word))
    raw = tuple(
        {
            "label": row.label,
            "period": data.period,
            "value": row.point.value,
            "lower": row.point.lower if row.point.value is not None else None,
            "upper": row.point.upper if row.point.value is not None else None,
            "status": row.point.status,
            "reading": row.reading if row.point.value is not None else None,
            "unit": data.unit,
        }
        for row in data.rows
    )
    caption = msg("Data: {measure}, {year}", measure=clean(data.measure), year=period(data.period, lang)).render(lang)
    return DataTable(caption, tuple(head.render(lang) for head in heads), tuple(rows), (False, True, True, False), raw)
