"""The event study chart: the effect by time since treatment, and what moved before it, which should be nothing."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.design_inputs import EventData
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, Point
from evalkit.charts.layout import line_ticks, wrap_text
from evalkit.charts.plane import Plane, Ruler, draw_plane, draw_sides
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import bounds_text, effect_text, status_word
from evalkit.model.figure import DataTable, Figure
from evalkit.text import msg, number, quantity

HEIGHT, RIGHT = 340.0, 150.0
MOST_LABELS = 13


def event_study(figure_id: str, data: EventData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the chart of an event study, with its data table and its text alternative.

    Hollow grey marks are the steps before treatment, full blue ones those after, each with its interval; the dashed line is the
    effect over all steps after. Raises `ValueError` when no step has a value.
    """
    text = alt or alternative.event_study(data, lang)
    with drawing(HEIGHT) as board:
        _draw(board, data, lang)
        picture = board.svg(figure_id, text)
    table = event_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _draw(board: Canvas, data: EventData, lang: str) -> None:
    plane = _plane(board, data, lang)
    zero = plane.y(0)
    board.line([plane.left, plane.right], [zero, zero], "ink", 1.2)
    _draw_start(board, plane, data, lang)
    draw_sides(board, plane.right, plane.top - 20, data.sign, lang)
    _draw_overall(board, plane, data, lang)
    for step in data.steps:
        _draw_step(board, plane, step, data, lang)


def _plane(board: Canvas, data: EventData, lang: str) -> Plane:
    numbers = [
        one for step in data.steps for one in (step.value, *((step.lower, step.upper) if step.has_interval else ()))
    ]
    known = [one for one in numbers if one is not None]
    if not known:
        raise ValueError("an event study chart needs at least one value")
    times = [float(step.period) for step in data.steps]
    every = -(-len(times) // MOST_LABELS)
    kept = [time for time in times if time % every == 0] or times
    span = (min(times) - 0.5, max(times) + 0.5)
    title = msg("periods since the start").render(lang)
    across = Ruler(tuple(kept), tuple(number(one, lang, signed=True) for one in kept), title, span)
    upward = Ruler.of(line_ticks([*known, 0.0], bounded=False), data.unit, lang, signed=True)
    return draw_plane(board, across, upward, right=RIGHT)


def _draw_start(board: Canvas, plane: Plane, data: EventData, lang: str) -> None:
    times = [float(step.period) for step in data.steps]
    if not (min(times) < 0 <= max(times)):
        return
    x = plane.x(-0.5)
    board.line([x, x], [plane.top - 4, plane.bottom], "ink", 1, dash=(4, 3))
    board.text(x - 8, plane.top - 6, msg("before").render(lang), size=SMALL_SIZE, anchor="end", halo=True)
    board.text(x + 8, plane.top - 6, msg("from the start").render(lang), size=SMALL_SIZE, halo=True)


def _draw_overall(board: Canvas, plane: Plane, data: EventData, lang: str) -> None:
    whole = data.overall
    after = [step for step in data.steps if float(step.period) >= 0]
    if whole is None or whole.value is None or not after:
        return
    y = plane.y(whole.value)
    if plane.top <= y <= plane.bottom:
        board.line([plane.x(-0.5), plane.right + 4], [y, y], "mine", 1.4, dash=(6, 4))
    lines = [
        *wrap_text(msg("average effect").render(lang), RIGHT - 14),
        quantity(whole.value, data.unit, lang, data.decimals, signed=True),
    ]
    if whole.has_interval:
        lines.append(bounds_text(whole.lower, whole.upper, data.unit, data.decimals, lang))
    middle = min(max(y, plane.top + 24), plane.bottom - 24)
    for place, line in enumerate(lines):
        baseline = middle + 4.2 + 15 * (place - (len(lines) - 1) / 2)
        size = SMALL_SIZE if place > 1 else 12.5
        board.text(plane.right + 10, baseline, line, "mine", bold=place == 1, size=size)


def _draw_step(board: Canvas, plane: Plane, step: Point, data: EventData, lang: str) -> None:
    time = float(step.period)
    x, token = plane.x(time), "mine" if time >= 0 else "quiet"
    if step.value is None:
        board.mark(x, plane.bottom, "quiet", size=7, fill="paper")
        board.text(x, plane.bottom - 9, status_word(step.status, lang), size=SMALL_SIZE, anchor="middle", halo=True)
        return
    if step.lower is not None and step.upper is not None:
        board.line([x, x], [plane.y(step.lower), plane.y(step.upper)], token, 2)
    if step.period == data.base:
        board.mark(x, plane.y(step.value), "ink", shape="D", size=7, fill="paper")
        if len(data.steps) > MOST_LABELS:
            return
        board.text(
            x, plane.y(step.value) + 20, msg("base").render(lang), "ink", size=SMALL_SIZE, anchor="middle", halo=True
        )
    else:
        board.mark(x, plane.y(step.value), token, size=7.5, fill=None if time >= 0 else "paper")


def event_table(data: EventData, lang: str) -> DataTable:
    """Return the effect and the interval at each time since treatment, then over all those after."""
    heads = (msg("Periods since the start"), msg("Effect"), msg("Interval"))
    rows = [_cells(f"{number(float(step.period), lang, signed=True)}", step, data, lang) for step in data.steps]
    if data.overall is not None:
        rows.append(_cells(msg("Average effect").render(lang), data.overall, data, lang))
    caption = msg("Effect by time since the start: {measure}", measure=clean(data.measure)).render(lang)
    return DataTable(caption, tuple(one.render(lang) for one in heads), tuple(rows), (False, True, True), _raw(data))


def _cells(head: str, step: Point, data: EventData, lang: str) -> tuple[str, str, str]:
    value = effect_text(step.value, None, None, data.unit, data.decimals, lang, status=step.status)
    return head, value, bounds_text(step.lower, step.upper, data.unit, data.decimals, lang)


def _raw(data: EventData) -> tuple[dict[str, object], ...]:
    whole: Sequence[tuple[str, Point]] = [("average", data.overall)] if data.overall else []
    return tuple(
        {
            "time": name,
            "value": step.value,
            "lower": step.lower,
            "upper": step.upper,
            "status": step.status,
            "unit": data.unit,
            "confidence": data.confidence,
        }
        for name, step in [*((one.period, one) for one in data.steps), *whole]
    )
