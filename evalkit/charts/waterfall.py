"""The waterfall: how a total is made and what becomes of it, one bar a step, from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.charts import alt as alternative
from evalkit.charts.axes import draw_ticks, tick_label
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.layout import Scale, ticks, wrap_text
from evalkit.charts.place_inputs import WaterfallData, WaterfallStep
from evalkit.charts.svg import clean
from evalkit.charts.withholding import shown
from evalkit.charts.words import amount_text, status_word
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, UNITS, msg, quantity

TOP, ROW, BAR, FOOT = 16.0, 34.0, 18.0, 34.0
LABEL, TAIL = 210.0, 96.0


@dataclass(frozen=True)
class Bar:
    """A step where it is drawn: from one level to another; None where a level cannot be known."""

    step: WaterfallStep
    start: float | None
    end: float | None


def waterfall(figure_id: str, data: WaterfallData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the waterfall: full blue bars are totals, grey ones add, hollow ones take away, each from where the last one ended.

    A step without a value has its status word and no bar, and what follows starts again at the next total. Where a single
    secret step could be had back by subtraction, the totals after it are withheld too, in the picture and in the data.
    """
    text = alt or alternative.waterfall(data, lang)
    steps = bars(data)
    levels = [level for bar in steps for level in (bar.start, bar.end) if level is not None]
    with drawing(TOP + ROW * len(steps) + FOOT) as board:
        marks = ticks(min([0.0, *levels]), max([0.0, *levels]) or 1.0, 4)
        scale = Scale(marks[0], marks[-1], LABEL, board.width - TAIL)
        _draw_axis(board, scale, marks, data, lang)
        for place, bar in enumerate(steps):
            following = steps[place + 1] if place + 1 < len(steps) else None
            _draw_bar(board, scale, bar, following, TOP + ROW * place, data, lang)
        picture = board.svg(figure_id, text)
    table = waterfall_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def bars(data: WaterfallData) -> list[Bar]:
    """Return where each step starts and ends; after a step without a value the level is not known until the next total."""
    level: float | None = 0.0
    found = []
    for step in shown(data):
        start = 0.0 if step.kind == "total" else level
        level = None if start is None or step.value is None else start + step.value
        found.append(Bar(step, start if level is not None else None, level))
    return found


def _draw_axis(board: Canvas, scale: Scale, marks: Sequence[float], data: WaterfallData, lang: str) -> None:
    bottom = board.height - FOOT + 4
    xs = [scale(mark) for mark in marks]
    for mark, x in zip(marks, xs, strict=True):
        board.line([x, x], [TOP - 8, bottom], "quiet" if mark == 0 else "rule", 1)
    draw_ticks(board, xs, [tick_label(mark, marks, data.unit, lang) for mark in marks], bottom + 18, marks.index(0.0))
    suffix = UNITS[data.unit].suffix[lang].strip()
    if len(suffix) > 2:
        board.text(scale.end + 14, bottom + 18, suffix)


def _draw_bar(
    board: Canvas, scale: Scale, bar: Bar, following: Bar | None, y: float, data: WaterfallData, lang: str
) -> None:
    step, middle, total = bar.step, y + BAR / 2, bar.step.kind == "total"
    lines = wrap_text(clean(step.label), LABEL - 14, bold=total)
    for place, line in enumerate(lines):
        baseline = middle + 4.2 + 14 * (place - (len(lines) - 1) / 2)
        board.text(LABEL - 12, baseline, line, "ink", anchor="end", bold=total)
    if step.value is None:
        board.mark(scale(0), middle, "quiet", size=7, fill="paper")
        board.text(scale(0) + 12, middle + 4.2, status_word(step.status, lang), halo=True)
        return
    most = max(abs(scale.low), abs(scale.high))
    words = amount_text(step.value, data.unit, data.decimals, lang, most=most, signed=not total)
    if bar.start is None or bar.end is None:
        board.text(scale(0) + 12, middle + 4.2, words, "ink", halo=True)
        return
    low, high = sorted((scale(bar.start), scale(bar.end)))
    width = max(high - low, 1.0)
    if total:
        board.box(low, y, width, BAR, "mine")
    else:
        board.box(low, y, width, BAR, "half" if step.value >= 0 else "paper", edge="quiet")
    if following is not None and following.start is not None:
        x = scale(bar.end)
        board.line([x, x], [y + BAR, y + ROW], "quiet", 1, dash=(2, 2))
    board.text(high + 8, middle + 4.2, words, "mine" if total else "ink", bold=total, halo=True)


def waterfall_table(data: WaterfallData, lang: str) -> DataTable:
    """Return each step with its value and the level it leads to."""
    heads = (msg("Step"), msg("Value"), msg("Level reached"))
    rows, raw = [], []
    for bar in bars(data):
        step = bar.step
        value = (
            status_word(step.status, lang)
            if step.value is None
            else quantity(step.value, data.unit, lang, data.decimals, signed=step.kind == "change")
        )
        level = NO_VALUE if bar.end is None else quantity(bar.end, data.unit, lang, data.decimals)
        rows.append((clean(step.label), value, level))
        raw.append(
            {
                "step": step.label,
                "kind": step.kind,
                "value": step.value,
                "level": bar.end,
                "status": step.status,
                "unit": data.unit,
            }
        )
    caption = msg("Steps: {measure}", measure=clean(data.measure)).render(lang)
    return DataTable(caption, tuple(head.render(lang) for head in heads), tuple(rows), (False, True, True), tuple(raw))
