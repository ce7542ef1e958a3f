"""The forest chart: the effect of each territory or group with its interval, their average, and what one more may expect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.axes import draw_ticks, tick_label
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.design_inputs import ForestData, ForestRow
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, finite, quantile
from evalkit.charts.layout import Scale, fit, ticks, wrap_text
from evalkit.charts.plane import draw_ends
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import bounds_text, effect_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, msg, quantity

TOP, FOOT, ROW = 26.0, 40.0, 26.0
LABEL, TAIL = 200.0, 196.0
MOST_NAMED, CLOSE_ROW, TALLEST = 40, 7.0, 640.0
CLIP = 0.02
LEAST_FOR_CLIP = 20


def forest(figure_id: str, data: ForestData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the forest of effects, in the order given: it is not a ranking, and alphabetical order says so.

    The area of a square is the weight of its row, the diamond is the average with its interval, the dashed line under it the
    range in which one more territory is expected. Beyond forty rows names and numbers are left to the table; from twenty on the scale
    leaves out the outer 2 % of the bounds, and an arrow marks an interval that goes on. Raises `ValueError` when no row has a value.
    """
    text = alt or alternative.forest(data, lang)
    step = ROW if len(data.rows) <= MOST_NAMED else max(0.8, min(CLOSE_ROW, TALLEST / len(data.rows)))
    below = (10.0 + ROW if data.pooled else 0.0) + (ROW if data.prediction else 0.0)
    with drawing(TOP + step * len(data.rows) + below + FOOT) as board:
        scale, marks = _scale(data, board.width)
        bottom = board.height - FOOT
        _draw_axis(board, scale, marks, bottom, data, lang)
        if step == ROW:
            for place, row in enumerate(data.rows):
                _draw_row(board, scale, row, TOP + ROW * (place + 0.5), data, lang)
        else:
            _draw_many(board, scale, data, step, lang)
        _draw_average(board, scale, data, TOP + step * len(data.rows) + 10, lang)
        picture = board.svg(figure_id, text)
    table = forest_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _scale(data: ForestData, width: float) -> tuple[Scale, list[float]]:
    rows = [*data.rows, *([data.pooled] if data.pooled else [])]
    bounds = finite([one for row in data.rows for one in (row.value, row.lower, row.upper)])
    if not bounds:
        raise ValueError("a forest chart needs at least one value")
    clip = CLIP if len(data.rows) >= LEAST_FOR_CLIP else 0.0
    kept = [
        quantile(bounds, clip),
        quantile(bounds, 1 - clip),
        0.0,
        *(row.value for row in rows if row.value is not None),
    ]
    kept += list(data.prediction or ())
    marks = ticks(min(kept), max(kept), 5)
    return Scale(marks[0], marks[-1], LABEL + 12, width - TAIL - 12), marks


def _draw_axis(board: Canvas, scale: Scale, marks: Sequence[float], bottom: float, data: ForestData, lang: str) -> None:
    xs = [scale(mark) for mark in marks]
    for x in xs:
        board.line([x, x], [TOP - 6, bottom], "rule", 1)
    labels = [tick_label(mark, marks, data.unit, lang, signed=True) for mark in marks]
    draw_ticks(board, xs, labels, bottom + 17, marks.index(0.0))
    zero = scale(0)
    board.line([zero, zero], [TOP - 6, bottom], "ink", 1.2)
    draw_ends(board, scale.start - 12, scale.end + 12, TOP - 12, data.sign, lang)


def _draw_row(board: Canvas, scale: Scale, row: ForestRow, y: float, data: ForestData, lang: str) -> None:
    mine = row.label == data.highlighted
    token = "mine" if mine else "ink"
    lines = wrap_text(clean(row.label), LABEL - 8, SMALL_SIZE, bold=mine)
    for place, line in enumerate(lines):
        board.text(0, y + 4 + 12 * (place - (len(lines) - 1) / 2), line, token, size=SMALL_SIZE, bold=mine)
    words = effect_text(row.value, row.lower, row.upper, data.unit, data.decimals, lang, status=row.status)
    board.text(
        board.width,
        y + 4.2,
        words,
        token if row.value is not None else "quiet",
        size=SMALL_SIZE,
        anchor="end",
        bold=mine,
    )
    if row.value is None:
        return
    shade = "mine" if mine else "quiet"
    if row.lower is not None and row.upper is not None:
        _draw_interval(board, scale, row.lower, row.upper, y, shade)
    board.mark(
        scale.clip(row.value),
        y,
        shade,
        shape="s",
        size=_side(row, data),
        fill=None if row.lower is not None else "paper",
    )


def _draw_interval(board: Canvas, scale: Scale, lower: float, upper: float, y: float, token: str) -> None:
    board.line([scale.clip(lower), scale.clip(upper)], [y, y], token, 1.8)
    if lower < scale.low:
        board.mark(scale.start - 3, y, token, shape="<", size=5)
    if upper > scale.high:
        board.mark(scale.end + 3, y, token, shape=">", size=5)


def _side(row: ForestRow, data: ForestData) -> float:
    most = max((one.weight or 0.0 for one in data.rows), default=0.0)
    return 6.0 if not most or row.weight is None else 4.0 + 5.0 * float((row.weight / most) ** 0.5)


def _draw_many(board: Canvas, scale: Scale, data: ForestData, step: float, lang: str) -> None:
    for token, mine in (("quiet", False), ("mine", True)):
        chosen = [
            (row, TOP + step * (place + 0.5))
            for place, row in enumerate(data.rows)
            if row.value is not None and (row.label == data.highlighted) == mine
        ]
        spans = [
            (scale.clip(row.lower), y, scale.clip(row.upper), y)
            for row, y in chosen
            if row.lower is not None and row.upper is not None
        ]
        width = max(0.5, min(1.4, step * 0.35)) * (2 if mine else 1)
        board.segments(spans, "mine" if mine else "half", width)
        board.dots([(scale.clip(row.value or 0.0), y) for row, y in chosen], token, 5 if mine else max(2.0, step * 0.6))
        for row, y in chosen if mine else ():
            board.text(0, y + 4.2, fit(clean(row.label), LABEL - 8, bold=True), "mine", bold=True)
            words = effect_text(row.value, row.lower, row.upper, data.unit, data.decimals, lang)
            board.text(board.width, y + 4.2, words, "mine", size=SMALL_SIZE, anchor="end", bold=True)


def _draw_average(board: Canvas, scale: Scale, data: ForestData, y: float, lang: str) -> None:
    row = data.pooled
    if row is not None and row.value is not None:
        board.line([0, board.width], [y - 5, y - 5], "rule", 1)
        y += ROW / 2
        low, high = (scale.clip(row.value if one is None else one) for one in (row.lower, row.upper))
        middle = scale.clip(row.value)
        board.area([low, middle, high, middle], [y, y - 7, y, y + 7], "ink")
        board.text(0, y + 4.2, fit(clean(row.label), LABEL - 8, bold=True), "ink", bold=True)
        words = effect_text(row.value, row.lower, row.upper, data.unit, data.decimals, lang)
        board.text(board.width, y + 4.2, words, "ink", size=SMALL_SIZE, anchor="end", bold=True)
        y += ROW / 2
    if data.prediction is not None:
        y += ROW / 2
        low, high = (scale.clip(one) for one in data.prediction)
        board.line([low, high], [y, y], "ink", 1.8, dash=(5, 3))
        board.segments([(x, y - 5, x, y + 5) for x in (low, high)], "ink", 1.8)
        board.text(0, y + 4.2, fit(msg("One more territory").render(lang), LABEL - 8), "ink")
        words = bounds_text(*data.prediction, data.unit, data.decimals, lang)
        board.text(board.width, y + 4.2, words, "ink", size=SMALL_SIZE, anchor="end")


def forest_table(data: ForestData, lang: str) -> DataTable:
    """Return each effect with its interval and its weight, then the average and the expected range."""
    heads = [msg("Territory or group"), msg("Effect"), msg("Interval")]
    weighted = any(row.weight is not None for row in data.rows)
    if weighted:
        heads.append(msg("Weight"))
    rows = [_cells(row, data, lang, weighted=weighted) for row in (*data.rows, *([data.pooled] if data.pooled else []))]
    if data.prediction:
        label = msg("One more territory may expect").render(lang)
        cells = (label, NO_VALUE, bounds_text(*data.prediction, data.unit, data.decimals, lang))
        rows.append((*cells, NO_VALUE) if weighted else cells)
    caption = msg("Effects: {measure}", measure=clean(data.measure)).render(lang)
    columns = tuple(one.render(lang) for one in heads)
    return DataTable(caption, columns, tuple(rows), (False, *(True,) * (len(heads) - 1)), tuple(_raw(data)))


def _cells(row: ForestRow, data: ForestData, lang: str, *, weighted: bool) -> tuple[str, ...]:
    value = effect_text(row.value, None, None, data.unit, data.decimals, lang, status=row.status)
    cells = (clean(row.label), value, bounds_text(row.lower, row.upper, data.unit, data.decimals, lang))
    weight = NO_VALUE if row.weight is None else quantity(row.weight, "percent", lang)
    return (*cells, weight) if weighted else cells


def _raw(data: ForestData) -> list[dict[str, Any]]:
    rows = [("effect", row) for row in data.rows] + ([("average", data.pooled)] if data.pooled else [])
    found: list[dict[str, Any]] = [
        {
            "kind": kind,
            "label": row.label,
            "value": row.value,
            "lower": row.lower,
            "upper": row.upper,
            "status": row.status,
            "n": row.n if row.value is not None else None,
            "weight": row.weight,
            "unit": data.unit,
        }
        for kind, row in rows
    ]
    if data.prediction:
        low, high = data.prediction
        found.append({"kind": "prediction", "lower": low, "upper": high, "unit": data.unit})
    return found
