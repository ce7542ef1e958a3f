"""The discontinuity chart: the outcome on both sides of a threshold, and its jump there."""

from __future__ import annotations

from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.layout import line_ticks, text_width, ticks
from evalkit.charts.plane import Plane, Ruler, draw_plane, draw_rules, draw_sides
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.threshold_inputs import Bin, DiscontinuityData
from evalkit.charts.words import bounds_text, effect_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, UNITS, change_unit, msg, quantity

HEIGHT, RIGHT = 350.0, 160.0


def discontinuity(figure_id: str, data: DiscontinuityData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the chart of a jump: each mark the mean of equally many territories, hollow below the threshold and full above it.

    The wash is the window in which the two lines were fitted; the bar at the threshold is the jump. Raises `ValueError` when no
    group of territories is large enough to be drawn.
    """
    text = alt or alternative.discontinuity(data, lang)
    if not data.bins:
        raise ValueError("a discontinuity chart needs at least one group of territories")
    with drawing(HEIGHT) as board:
        _draw(board, data, lang)
        picture = board.svg(figure_id, text)
    table = discontinuity_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _draw(board: Canvas, data: DiscontinuityData, lang: str) -> None:
    xs = [one.x for one in data.bins]
    marks = ticks(min(*xs, data.cutoff), max(*xs, data.cutoff), 6)
    heights = [one.y for one in data.bins] + [y for _, y in (*data.left, *data.right)]
    suffix = UNITS[data.running_unit].suffix[lang].strip()
    title = f"{clean(data.running)} ({suffix})" if len(suffix) > 2 else clean(data.running)
    across = Ruler.of(marks, data.running_unit, lang, title=title)
    upward = Ruler.of(line_ticks(heights, bounded=data.unit == "percent"), data.unit, lang)
    plane = draw_plane(board, across, upward, right=RIGHT)
    _draw_window(board, plane, data)
    draw_sides(board, plane.right, plane.top - 20, data.sign, lang)
    _draw_threshold(board, plane, data, lang)
    for one in data.bins:
        above = one.x >= data.cutoff
        board.mark(
            plane.x(one.x), plane.y(one.y), "mine" if above else "quiet", size=6, fill=None if above else "paper"
        )
    for line, token, dash in ((data.left, "quiet", (6, 3)), (data.right, "mine", None)):
        if line:
            board.line([plane.x(x) for x, _ in line], [plane.y(y) for _, y in line], token, 2.4, dash=dash)
    _draw_jump(board, plane, data, lang)


def _draw_window(board: Canvas, plane: Plane, data: DiscontinuityData) -> None:
    if data.bandwidth is None:
        return
    left, right = (
        min(max(plane.x(data.cutoff + side * data.bandwidth), plane.left), plane.right) for side in (-1.0, 1.0)
    )
    board.box(left, plane.top, right - left, plane.bottom - plane.top, "wash")
    draw_rules(board, plane, left, right)


def _draw_threshold(board: Canvas, plane: Plane, data: DiscontinuityData, lang: str) -> None:
    x = plane.x(data.cutoff)
    board.line([x, x], [plane.top - 4, plane.bottom], "ink", 1.2, dash=(5, 3))
    value = quantity(data.cutoff, data.running_unit, lang, data.running_decimals)
    words = msg("threshold {value}", value=value).render(lang)
    half = text_width(words, SMALL_SIZE) / 2
    middle = min(max(x, plane.left + half), plane.right - half)
    board.text(middle, plane.top - 7, words, "ink", size=SMALL_SIZE, anchor="middle", halo=True)


def _draw_jump(board: Canvas, plane: Plane, data: DiscontinuityData, lang: str) -> None:
    if data.jump is None or data.jump.value is None:
        return
    unit = change_unit(data.unit)
    x, middle = plane.x(data.cutoff), (plane.top + plane.bottom) / 2
    if data.left and data.right:
        low, high = plane.y(data.left[-1][1]), plane.y(data.right[0][1])
        board.line([x, x], [low, high], "ink", 4)
        middle = (low + high) / 2
    lines = [
        msg("jump at the threshold").render(lang),
        quantity(data.jump.value, unit, lang, data.decimals, signed=True),
    ]
    if data.jump.has_interval:
        lines.append(bounds_text(data.jump.lower, data.jump.upper, unit, data.decimals, lang))
    middle = min(max(middle, plane.top + 24), plane.bottom - 24)
    for place, line in enumerate(lines):
        y = middle + 4.2 + 15 * (place - (len(lines) - 1) / 2)
        board.text(plane.right + 8, y, line, "ink", bold=place == 1, size=12.5 if place == 1 else SMALL_SIZE)


def discontinuity_table(data: DiscontinuityData, lang: str) -> DataTable:
    """Return the groups of territories on both sides, then the jump."""
    heads = (clean(data.running), clean(data.measure), msg("Interval").render(lang), msg("Territories").render(lang))
    rows = [_cells(one, data, lang) for one in data.bins]
    if data.jump is not None:
        unit, jump = change_unit(data.unit), data.jump
        value = effect_text(jump.value, None, None, unit, data.decimals, lang)
        bounds = bounds_text(jump.lower, jump.upper, unit, data.decimals, lang)
        rows.append((msg("Jump at the threshold").render(lang), value, bounds, str(sum(one.n for one in data.bins))))
    raw: list[dict[str, Any]] = [
        {"side": "above" if one.x >= data.cutoff else "below", "running": one.x, "value": one.y, "n": one.n}
        for one in data.bins
    ]
    if data.jump is not None:
        jump = data.jump
        raw.append(
            {"side": "jump", "running": data.cutoff, "value": jump.value, "lower": jump.lower, "upper": jump.upper}
        )
    caption = msg("Means by group of territories: {measure}", measure=clean(data.measure)).render(lang)
    return DataTable(caption, heads, tuple(rows), (True,) * 4, tuple(raw))


def _cells(one: Bin, data: DiscontinuityData, lang: str) -> tuple[str, str, str, str]:
    where = quantity(one.x, data.running_unit, lang, data.running_decimals)
    return where, quantity(one.y, data.unit, lang, data.decimals), NO_VALUE, str(one.n)
