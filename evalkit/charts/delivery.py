"""The delivery chart: what was planned, committed and delivered, by family of operations."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.layout import Scale, text_width, wrap_text
from evalkit.charts.programme_inputs import DeliveryData, DeliveryRow
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import number_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import msg, quantity

TOP, ROW, BAR = 40.0, 46.0, 20.0
LABEL, TAIL = 172.0, 178.0
MOST = 1.5


def delivery(figure_id: str, data: DeliveryData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the chart of delivery: one bar a family, from zero, in percent of what was planned (the outline).

    Families are counted in different units, so bars share the scale "percent of planned" and the quantities are written
    beside them. A family without a planned quantity has no bar, only its quantities.
    """
    text = alt or alternative.delivery(data, lang)
    with drawing(TOP + ROW * len(data.rows) + 6) as board:
        scale = _scale(data.rows, board.width)
        _draw_key(board, lang)
        for place, row in enumerate(data.rows):
            _draw_row(board, scale, row, TOP + ROW * place, lang)
        board.line([scale(0), scale(0)], [TOP - 6, board.height - 8], "quiet", 1)
        picture = board.svg(figure_id, text)
    return chart_figure(figure_id, captions, alt=text, data=delivery_table(data, lang), svg=picture)


def _scale(rows: Sequence[DeliveryRow], width: float) -> Scale:
    most = max([1.0, *(share for row in rows for share in _shares(row) if share is not None)])
    return Scale(0.0, min(most, MOST), LABEL, width - TAIL)


def _shares(row: DeliveryRow) -> tuple[float | None, float | None]:
    """Return committed and delivered as shares of planned; None where planned is unknown or zero."""
    if not row.planned:
        return None, None
    return (
        None if row.committed is None else row.committed / row.planned,
        None if row.delivered is None else row.delivered / row.planned,
    )


def _draw_key(board: Canvas, lang: str) -> None:
    x = LABEL
    key = ((msg("delivered"), "mine", None), (msg("committed"), "half", None), (msg("planned"), None, "quiet"))
    for word, fill, edge in key:
        label = word.render(lang)
        board.box(x, 8, 14, 10, fill, edge=edge)
        board.text(x + 20, 17, label, size=SMALL_SIZE)
        x += 20 + text_width(label, SMALL_SIZE) + 22


def _draw_row(board: Canvas, scale: Scale, row: DeliveryRow, y: float, lang: str) -> None:
    middle = y + BAR / 2
    lines = wrap_text(clean(row.family), LABEL - 14)
    for place, line in enumerate(lines):
        board.text(LABEL - 12, middle + 4.2 + 15 * (place - (len(lines) - 1) / 2), line, "ink", anchor="end")
    committed, delivered = _shares(row)
    if committed is not None:
        board.box(scale(0), y, scale.clip(committed) - scale(0), BAR, "half")
    if delivered is not None:
        board.box(scale(0), y, scale.clip(delivered) - scale(0), BAR, "mine")
    if row.planned:
        board.box(scale(0), y, scale(1) - scale(0), BAR, None, edge="quiet")
    for share in (committed, delivered):
        if share is not None and share > scale.high:
            board.mark(scale(scale.high), middle, "mine", shape=">", size=6)
    _write_quantities(board, row, delivered, y, lang)


def _write_quantities(board: Canvas, row: DeliveryRow, delivered: float | None, y: float, lang: str) -> None:
    x = board.width - TAIL + 12
    done, planned = (number_text(one, "count", lang) for one in (row.delivered, row.planned))
    if delivered is not None:
        share = quantity(100 * delivered, "percent", lang, 0)
        board.text(x, y + 9, share, "mine", bold=True)
        words = msg("{delivered} of {planned} {unit}", delivered=done, planned=planned, unit=clean(row.unit_label))
    elif row.delivered is not None:
        words = msg("{delivered} {unit}, nothing planned", delivered=done, unit=clean(row.unit_label))
    else:
        words = msg("{planned} {unit} planned, delivery not known", planned=planned, unit=clean(row.unit_label))
    for place, line in enumerate(wrap_text(words.render(lang), TAIL - 14, SMALL_SIZE)):
        board.text(x, y + (23 if delivered is not None else 9) + 13 * place, line, size=SMALL_SIZE)


def delivery_table(data: DeliveryData, lang: str) -> DataTable:
    """Return the quantities of each family."""
    heads = (
        msg("Family of operations"),
        msg("Unit"),
        msg("Planned"),
        msg("Committed"),
        msg("Delivered"),
        msg("Delivered / planned"),
    )
    rows = []
    for row in data.rows:
        share = _shares(row)[1]
        counts = (number_text(one, "count", lang) for one in (row.planned, row.committed, row.delivered))
        percent = number_text(None if share is None else 100 * share, "percent", lang, 0)
        rows.append((clean(row.family), clean(row.unit_label), *counts, percent))
    raw = tuple(
        {
            "family": row.family,
            "unit": row.unit_label,
            "planned": row.planned,
            "committed": row.committed,
            "delivered": row.delivered,
        }
        for row in data.rows
    )
    caption = msg("Operations by family: {territory}", territory=clean(data.territory)).render(lang)
    columns = tuple(head.render(lang) for head in heads)
    return DataTable(caption, columns, tuple(rows), (False, False, True, True, True, True), raw)
