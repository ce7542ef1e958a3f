"""The outcomes chart: for each indicator, one line from the baseline to the target, and where the territory is on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, Mark
from evalkit.charts.layout import Scale, text_width, wrap_text
from evalkit.charts.programme_inputs import OutcomeRow, OutcomesData
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import status_word, value_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import Interval, Quantity, msg, period, quantity

ROW, LABEL, RIGHT = 92.0, 176.0, 700.0
LINE = 48.0
BACKWARD, FORWARD = -0.6, 1.4


def outcomes(figure_id: str, data: OutcomesData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the progress lines: the left end is the baseline, the diamond at the right the target, whatever the direction.

    Each line has its own scale, written at its ends. A value past the drawn range is shown as an arrow at the edge, and a
    row without both a baseline and a target has its values in words only: progress cannot be drawn.
    """
    text = alt or alternative.outcomes(data, lang)
    with drawing(ROW * len(data.rows) + 4) as board:
        for place, row in enumerate(data.rows):
            _draw_row(board, row, ROW * place, lang)
            if place:
                board.line([0, board.width], [ROW * place, ROW * place], "rule", 1)
        picture = board.svg(figure_id, text)
    ids = tuple(row.indicator for row in data.rows)
    return chart_figure(figure_id, captions, alt=text, data=outcomes_table(data, lang), svg=picture, indicators=ids)


def progress(row: OutcomeRow) -> float | None:
    """Return the share of the way from the baseline to the target that is covered: 0 none, 1 all, below 0 backwards."""
    return None if row.latest.value is None else _covered(row, row.latest.value)


def _covered(row: OutcomeRow, value: float) -> float | None:
    if row.baseline is None or row.target is None or row.target.value == row.baseline.value:
        return None
    return (value - row.baseline.value) / (row.target.value - row.baseline.value)


def _draw_row(board: Canvas, row: OutcomeRow, top: float, lang: str) -> None:
    y = top + LINE
    lines = wrap_text(clean(row.label), LABEL - 24, lines=3, bold=True)
    for place, line in enumerate(lines):
        board.text(0, y + 4.2 + 15 * (place - (len(lines) - 1) / 2), line, "ink", bold=True)
    if row.baseline is None or row.target is None or row.baseline.value == row.target.value:
        _write_only(board, row, y, lang)
        return
    share = progress(row)
    scale = Scale(min(0.0, max(share or 0.0, BACKWARD)), max(1.0, min(share or 0.0, FORWARD)), LABEL + 34, RIGHT - 46)
    board.line([scale.start - 24, scale.end + 24], [y, y], "rule", 2)
    board.line([scale(0), scale(1)], [y, y], "half", 5)
    _draw_plan(board, scale, row, y, lang)
    _draw_latest(board, scale, row, share, y, lang)


def _draw_plan(board: Canvas, scale: Scale, row: OutcomeRow, y: float, lang: str) -> None:
    if row.baseline is None or row.target is None:
        return
    way = row.target.value - row.baseline.value
    board.mark(scale(0), y, "ink", shape="s", size=8, fill="paper")
    _below(
        board,
        scale(0),
        y,
        msg("baseline {year}", year=period(row.baseline.period, lang)).render(lang),
        row,
        row.baseline,
        lang,
    )
    for milestone in row.milestones:
        x = scale.clip((milestone.value - row.baseline.value) / way)
        board.mark(x, y, "ink", shape="D", size=6, fill="paper")
        if min(x - scale(0), scale(1) - x) > 100:
            _below(
                board,
                x,
                y,
                msg("milestone {year}", year=period(milestone.period, lang)).render(lang),
                row,
                milestone,
                lang,
            )
    board.mark(scale(1), y, "ink", shape="D", size=9)
    _below(
        board,
        scale(1),
        y,
        msg("target {year}", year=period(row.target.period, lang)).render(lang),
        row,
        row.target,
        lang,
    )


def _below(board: Canvas, x: float, y: float, name: str, row: OutcomeRow, mark: Mark, lang: str) -> None:
    board.text(x, y + 22, name, size=SMALL_SIZE, anchor="middle")
    board.text(x, y + 37, quantity(mark.value, row.unit, lang, row.decimals), "ink", size=SMALL_SIZE, anchor="middle")


def _draw_latest(board: Canvas, scale: Scale, row: OutcomeRow, share: float | None, y: float, lang: str) -> None:
    if share is None:
        board.mark(scale(0), y - 20, "quiet", size=7, fill="paper")
        board.text(scale(0) + 10, y - 16, f"{period(row.latest.period, lang)} {status_word(row.latest.status, lang)}")
        return
    x = scale.clip(share)
    _draw_interval(board, scale, row, y)
    if scale.low <= share <= scale.high:
        board.mark(x, y, "mine", size=10)
    else:
        board.mark(x + (20 if share > 0 else -20), y, "mine", shape=">" if share > 0 else "<", size=10)
    text = _latest_text(row, share, lang)
    half = text_width(text, bold=True) / 2
    board.text(
        min(max(x, LABEL + half), RIGHT + 16 - half), y - 16, text, "mine", bold=True, anchor="middle", halo=True
    )


def _draw_interval(board: Canvas, scale: Scale, row: OutcomeRow, y: float) -> None:
    if not row.latest.has_interval:
        return
    ends = [_covered(row, bound) for bound in (row.latest.lower, row.latest.upper) if bound is not None]
    board.line([scale.clip(end) for end in ends if end is not None], [y, y], "mine", 2.4)


def _latest_text(row: OutcomeRow, share: float, lang: str) -> str:
    value = Quantity(row.latest.value or 0.0, row.unit, row.decimals)
    year = period(row.latest.period, lang)
    covered = round(100 * share)
    if covered < 0:
        return msg("{year}: {value}, moving away from the target", year=year, value=value).render(lang)
    way = Quantity(covered, "percent", 0)
    return msg("{year}: {value}, {way} of the way", year=year, value=value, way=way).render(lang)


def _write_only(board: Canvas, row: OutcomeRow, y: float, lang: str) -> None:
    value = value_text(row.latest, row.unit, lang, row.decimals)
    known = row.latest.value is not None
    board.text(
        LABEL + 10, y - 4, f"{period(row.latest.period, lang)} {value}", "mine" if known else "quiet", bold=known
    )
    board.text(LABEL + 10, y + 14, msg("no baseline or no target in the plan").render(lang), size=SMALL_SIZE)


def outcomes_table(data: OutcomesData, lang: str) -> DataTable:
    """Return baseline, milestones, target, latest value and progress of each indicator."""
    heads = (
        msg("Indicator"),
        msg("Baseline"),
        msg("Milestones"),
        msg("Target"),
        msg("Latest value"),
        msg("Way covered"),
    )
    rows = tuple(_cells(row, lang) for row in data.rows)
    raw = tuple(_record(row) for row in data.rows)
    caption = msg("Outcomes against targets: {territory}", territory=clean(data.territory)).render(lang)
    return DataTable(caption, tuple(head.render(lang) for head in heads), rows, (False, *(True,) * 5), raw)


def _cells(row: OutcomeRow, lang: str) -> tuple[str, ...]:
    share = progress(row)
    latest = f"{value_text(row.latest, row.unit, lang, row.decimals)} ({period(row.latest.period, lang)})"
    if row.latest.lower is not None and row.latest.upper is not None:
        latest += f" {Interval(row.latest.lower, row.latest.upper, row.unit, row.decimals).render(lang)}"
    covered = "–" if share is None else quantity(100 * share, "percent", lang, 0)
    marks = (_marks([row.baseline] if row.baseline else [], row, lang), _marks(row.milestones, row, lang))
    return clean(row.label), *marks, _marks([row.target] if row.target else [], row, lang), latest, covered


def _marks(marks: Sequence[Mark], row: OutcomeRow, lang: str) -> str:
    texts = [f"{quantity(mark.value, row.unit, lang, row.decimals)} ({period(mark.period, lang)})" for mark in marks]
    return ", ".join(texts) or "–"


def _record(row: OutcomeRow) -> dict[str, Any]:
    return {
        "indicator": row.indicator,
        "unit": row.unit,
        "baseline": row.baseline.value if row.baseline else None,
        "baseline_period": row.baseline.period if row.baseline else None,
        "target": row.target.value if row.target else None,
        "target_period": row.target.period if row.target else None,
        "latest": row.latest.value,
        "latest_lower": row.latest.lower,
        "latest_upper": row.latest.upper,
        "latest_period": row.latest.period,
        "latest_status": row.latest.status,
        "progress": progress(row),
    }
