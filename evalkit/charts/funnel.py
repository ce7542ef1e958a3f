"""The funnel chart: territories by size around a common value, with the limits that chance alone sets. It ranks nobody."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.axes import tick_label
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.layout import fit, line_ticks, spread_apart, text_width, ticks, wrap_text
from evalkit.charts.limits import levels, place_of
from evalkit.charts.place_inputs import FunnelData, FunnelPoint
from evalkit.charts.plane import Plane, Ruler, clipped, draw_plane, draw_sides, log_marks
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import hidden_text, number_text, status_word
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, msg, quantity

HEIGHT, RIGHT = 372.0, 150.0
WIDE = 20.0
MOST_DOTS = 400
DASHES = ((6, 3), (1.5, 3))


def funnel(figure_id: str, data: FunnelData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the funnel: a dot inside the outer limits, a triangle up or down beyond them, the territory in blue.

    Sizes that differ more than twentyfold stand on a logarithmic axis. A territory without a value is counted below the chart and has
    no mark. Raises `ValueError` when no territory has a value or there are no limits.
    """
    known = [one for one in data.points if one.value is not None]
    if not known or not data.limits:
        raise ValueError("a funnel chart needs limits and at least one value")
    text = alt or alternative.funnel(data, lang)
    with drawing(HEIGHT) as board:
        _draw(board, data, known, lang)
        picture = board.svg(figure_id, text)
    table = funnel_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _draw(board: Canvas, data: FunnelData, known: Sequence[FunnelPoint], lang: str) -> None:
    plane = _plane(board, data, known, lang)
    draw_sides(board, plane.right, plane.top - 20, data.sign, lang)
    _draw_limits(board, plane, data, lang)
    _draw_points(board, plane, data, known)
    _draw_mine(board, plane, data, lang)
    _say_hidden(board, data, lang)


def _plane(board: Canvas, data: FunnelData, known: Sequence[FunnelPoint], lang: str) -> Plane:
    sizes = [one.size for one in known if one.size]
    low, high = min(sizes), max(sizes)
    is_log = high / low > WIDE
    marks = log_marks(low, high) if is_log else ticks(0.0, high, 5)
    labels = tuple(tick_label(one, marks, "count", lang) for one in marks)
    span = (low / 1.15, high * 1.15) if is_log else None
    kept = [
        (mark, label) for mark, label in zip(marks, labels, strict=True) if span is None or span[0] <= mark <= span[1]
    ]
    across = Ruler(
        tuple(mark for mark, _ in kept), tuple(label for _, label in kept), clean(data.size_label), span, is_log
    )
    inner = levels(data)[0][1]
    shown = [bound for one in inner if one.size >= low for bound in (one.lower, one.upper)]
    values = [one.value for one in known if one.value is not None]
    room = line_ticks([*values, *shown, data.target], bounded=data.unit == "percent")
    return draw_plane(board, across, Ruler.of(room, data.unit, lang), right=RIGHT)


def _draw_limits(board: Canvas, plane: Plane, data: FunnelData, lang: str) -> None:
    name = clean(data.target_label) or msg("all together").render(lang)
    value = quantity(data.target, data.unit, lang, data.decimals)
    labels = [(plane.y(data.target), [*wrap_text(name, RIGHT - 12, SMALL_SIZE), value], "ref")]
    board.line([plane.left, plane.right], [plane.y(data.target)] * 2, "ref", 1.8)
    for (level, limits), dash in zip(levels(data), itertools.chain(DASHES, itertools.repeat(DASHES[-1])), strict=False):
        inside = [one for one in limits if plane.left <= plane.x(one.size) <= plane.right]
        edges = [[(plane.x(one.size), plane.y((one.lower, one.upper)[side])) for one in inside] for side in (0, 1)]
        for piece in (piece for edge in edges for piece in clipped(edge, plane.top, plane.bottom)):
            board.line([x for x, _ in piece], [y for _, y in piece], "quiet", 1.3, dash=dash)
        if inside:
            labels.append((plane.y.clip(inside[-1].upper), [_limits_name(level, lang)], "quiet"))
    heights = [13.0 * len(lines) + 3 for _, lines, _ in labels]
    centres = spread_apart([y for y, _, _ in labels], heights, plane.top - 6, plane.bottom)
    for (_, lines, token), centre in zip(labels, centres, strict=True):
        for place, line in enumerate(lines):
            y = centre + 4 + 13 * (place - (len(lines) - 1) / 2)
            board.text(plane.right + 8, y, line, token, size=SMALL_SIZE)


def _limits_name(level: float, lang: str) -> str:
    return msg("{level} limits", level=quantity(100 * level, "percent", lang, 0 if level == 0.95 else 1)).render(lang)


def _draw_points(board: Canvas, plane: Plane, data: FunnelData, known: Sequence[FunnelPoint]) -> None:
    outer = levels(data)[-1][1]
    found: dict[str, list[tuple[float, float]]] = {"inside": [], "above": [], "below": []}
    for one in known:
        if one.label != data.highlighted:
            found[place_of(one, outer)].append((plane.x(one.size or 1.0), plane.y(one.value or 0.0)))
    grain = 1.5 if len(known) <= MOST_DOTS else 5.0
    board.dots(_apart(found["inside"], grain), "quiet", 4.5)
    for where in ("above", "below"):
        board.triangles(_apart(found[where], grain), "ink", 6, up=where == "above")


def _apart(places: Sequence[tuple[float, float]], grain: float) -> list[tuple[float, float]]:
    """Return the places, one for each square of a side of `grain`."""
    return list({(round(x / grain), round(y / grain)): (x, y) for x, y in sorted(places)}.values())


def _draw_mine(board: Canvas, plane: Plane, data: FunnelData, lang: str) -> None:
    mine = next((one for one in data.points if one.label == data.highlighted and one.value is not None), None)
    if mine is None or mine.value is None or mine.size is None:
        return
    x, y = plane.x(mine.size), plane.y(mine.value)
    board.line([x, x], [plane.top - 3, y], "mine", 1, dash=(2, 3))
    board.mark(x, y, "paper", size=12)
    shape = {"above": "^", "below": "v"}.get(place_of(mine, levels(data)[-1][1]), "o")
    board.mark(x, y, "mine", shape=shape, size=9)
    words = f"{fit(clean(mine.label), 220, bold=True)} {quantity(mine.value, data.unit, lang, data.decimals)}"
    half = text_width(words, bold=True) / 2
    middle = min(max(x, plane.left + half), plane.right - half)
    board.text(middle, plane.top - 6, words, "mine", bold=True, anchor="middle", halo=True)


def _say_hidden(board: Canvas, data: FunnelData, lang: str) -> None:
    hidden = hidden_text([one.status for one in data.points if one.value is None], lang)
    if hidden:
        words = msg("not placed ({counts})", counts=hidden).render(lang)
        board.text(board.width, board.height - 5, words, size=SMALL_SIZE, anchor="end")


def funnel_table(data: FunnelData, lang: str) -> DataTable:
    """Return size, value and place of each territory, in the order given."""
    words = {"inside": msg("within"), "above": msg("above"), "below": msg("below"), "unknown": msg("not placed")}
    every = levels(data)
    heads = [msg("Territory").render(lang), clean(data.size_label), msg("Value").render(lang)]
    heads += [_limits_name(level, lang) for level, _ in every]
    rows = []
    for one in data.points:
        value = (
            status_word(one.status, lang) if one.value is None else quantity(one.value, data.unit, lang, data.decimals)
        )
        size = NO_VALUE if one.value is None else number_text(one.size, "count", lang)
        rows.append(
            (clean(one.label), size, value, *(words[place_of(one, limits)].render(lang) for _, limits in every))
        )
    caption = msg("Data: {measure}", measure=clean(data.measure)).render(lang)
    numeric = (False, True, True, *(False,) * len(every))
    return DataTable(caption, tuple(heads), tuple(rows), numeric, tuple(_raw(data)))


def _raw(data: FunnelData) -> list[dict[str, Any]]:
    every = levels(data)
    return [
        {
            "label": one.label,
            "size": None if one.value is None else one.size,
            "value": one.value,
            "status": one.status,
            "unit": data.unit,
            **{f"place_{level:g}": place_of(one, limits) for level, limits in every},
        }
        for one in data.points
    ]
