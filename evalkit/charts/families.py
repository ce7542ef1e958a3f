"""The shares chart: horizontal bars from zero, one a category, with the interval of each share."""

from __future__ import annotations

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, Point
from evalkit.charts.layout import Scale, text_width, ticks, wrap_text
from evalkit.charts.programme_inputs import ShareRow, SharesData
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import number_text, status_word, value_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import Interval, msg, quantity

TOP, ROW, BAR = 14.0, 38.0, 18.0
LABEL, TAIL = 186.0, 150.0


def families(figure_id: str, data: SharesData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the bars of the shares of a whole, from zero; a share that is not published has a word and no bar."""
    text = alt or alternative.shares(data, lang)
    head = 24.0 if any(row.comparator is not None for row in data.rows) else 0.0
    with drawing(TOP + head + ROW * len(data.rows) + 26) as board:
        marks = ticks(0.0, _most(data), 5)
        scale = Scale(0.0, marks[-1], LABEL, board.width - TAIL)
        bottom = board.height - 26
        for mark in marks:
            board.line([scale(mark)] * 2, [TOP + head - 6, bottom], "quiet" if mark == 0 else "rule", 1)
            board.text(scale(mark), bottom + 18, quantity(mark, "percent", lang, 0), anchor="middle")
        if head:
            _draw_key(board, data, lang)
        for place, row in enumerate(data.rows):
            _draw_row(board, scale, row, TOP + head + ROW * place, lang)
        picture = board.svg(figure_id, text)
    table = shares_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _most(data: SharesData) -> float:
    numbers = [number for row in data.rows for number in (row.share.value, row.share.upper, row.comparator)]
    return min(100.0, max([1.0, *(number for number in numbers if number is not None)]))


def _draw_key(board: Canvas, data: SharesData, lang: str) -> None:
    board.line([LABEL + 2, LABEL + 2], [6, 20], "ref", 2.4)
    board.text(LABEL + 10, 17, data.comparator_label, "ref", size=SMALL_SIZE)


def _draw_row(board: Canvas, scale: Scale, row: ShareRow, y: float, lang: str) -> None:
    middle, share = y + BAR / 2, row.share
    lines = wrap_text(clean(row.label), LABEL - 14)
    for place, line in enumerate(lines):
        board.text(LABEL - 12, middle + 4.2 + 15 * (place - (len(lines) - 1) / 2), line, "ink", anchor="end")
    if share.value is None:
        board.mark(scale(0), middle, "quiet", size=7, fill="paper")
        board.text(scale(0) + 12, middle + 4.2, status_word(share.status, lang))
        return
    board.box(scale(0), y, scale.clip(share.value) - scale(0), BAR, "mine")
    if share.lower is not None and share.upper is not None:
        board.line([scale.clip(share.lower), scale.clip(share.upper)], [middle, middle], "paper", 4.5)
        board.line([scale.clip(share.lower), scale.clip(share.upper)], [middle, middle], "ink", 1.8)
    if row.comparator is not None:
        x = scale.clip(row.comparator)
        board.line([x, x], [y - 4, y + BAR + 4], "ref", 2.4)
    _write_value(board, row, middle, lang)


def _write_value(board: Canvas, row: ShareRow, middle: float, lang: str) -> None:
    value, x = quantity(row.share.value or 0.0, "percent", lang), board.width - TAIL + 20
    board.text(x, middle + 4.2, value, "mine", bold=True)
    if row.count is not None:
        count = msg("n = {count}", count=number_text(float(row.count), "count", lang)).render(lang)
        board.text(x + text_width(value, bold=True) + 10, middle + 4.2, count, size=SMALL_SIZE)


def shares_table(data: SharesData, lang: str) -> DataTable:
    """Return the share, the interval and the count of each category."""
    heads = [
        msg("Category").render(lang),
        clean(data.territory),
        msg("Interval").render(lang),
        msg("Count").render(lang),
    ]
    compared = any(row.comparator is not None for row in data.rows)
    if compared:
        heads.append(clean(data.comparator_label))
    rows = []
    for row in data.rows:
        share = row.share
        bounds = _interval(share, lang)
        count = "–" if row.count is None or share.value is None else number_text(float(row.count), "count", lang)
        other = (number_text(row.comparator, "percent", lang),) if compared else ()
        rows.append((clean(row.label), value_text(share, "percent", lang, None), bounds, count, *other))
    raw = tuple(
        {
            "category": row.label,
            "share": row.share.value,
            "lower": row.share.lower,
            "upper": row.share.upper,
            "status": row.share.status,
            "count": row.count if row.share.value is not None else None,
            "comparator": row.comparator,
        }
        for row in data.rows
    )
    caption = msg("Data: {measure}", measure=clean(data.measure)).render(lang)
    return DataTable(caption, tuple(heads), tuple(rows), (False, *(True,) * (len(heads) - 1)), raw)


def _interval(share: Point, lang: str) -> str:
    if share.value is None or share.lower is None or share.upper is None:
        return "–"
    return Interval(share.lower, share.upper, "percent").render(lang)
