"""The before/after chart: one territory's change among the changes of the others over the same years."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import alt as alternative
from evalkit.charts.axes import tick_label
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, ChangeData, finite, quantile
from evalkit.charts.layout import Scale, fit, text_width, tick_decimals, ticks
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import number_text, value_text
from evalkit.model.figure import DataTable, Figure
from evalkit.text import Interval, Quantity, msg, nmsg, number, period, quantity

HEIGHT, LEFT, RIGHT = 230.0, 28.0, 692.0
STRIP, MINE, BOTTOM, TOP = 148.0, 72.0, 196.0, 38.0
DOT = 5.0
LEAST_FOR_BAND = 20


def before_after(figure_id: str, data: ChangeData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the chart of a change: each comparator a grey dot, their middle 95 % a band, the territory blue above.

    The band is drawn from twenty comparators on: below, the two outer percentiles mean nothing. The zero line says
    "no change", and the favourable side is named only where the indicator has one. The distance between the territory
    and the others describes; it is not the effect of a programme.
    """
    text = alt or alternative.change(data, lang)
    with drawing(HEIGHT) as board:
        _draw(board, data, lang)
        picture = board.svg(figure_id, text)
    table = change_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _draw(board: Canvas, data: ChangeData, lang: str) -> None:
    others = finite(data.others)
    known = [one for one in (data.change.value, data.change.lower, data.change.upper) if one is not None]
    marks = ticks(min([*others, *known, 0.0]), max([*others, *known, 0.0]), 7)
    scale = Scale(marks[0], marks[-1], LEFT + 12, RIGHT - 12)
    _draw_band(board, scale, others, lang)
    _draw_axis(board, scale, marks, data, lang)
    _draw_others(board, scale, others, data, lang)
    _draw_territory(board, scale, data, lang)


def _draw_band(board: Canvas, scale: Scale, others: Sequence[float], lang: str) -> None:
    if len(others) < LEAST_FOR_BAND:
        return
    low, high = scale(quantile(others, 0.025)), scale(quantile(others, 0.975))
    board.box(low, STRIP - 30, high - low, BOTTOM - STRIP + 30, "band")
    label = msg("95% of the changes").render(lang)
    board.text(min(low + 8, RIGHT - text_width(label, SMALL_SIZE)), BOTTOM - 8, label, size=SMALL_SIZE)


def _draw_axis(board: Canvas, scale: Scale, marks: Sequence[float], data: ChangeData, lang: str) -> None:
    board.line([LEFT, RIGHT], [BOTTOM, BOTTOM], "rule", 1)
    for mark in marks:
        x = scale(mark)
        label = tick_label(mark, marks, data.unit, lang)
        label = quantity(mark, data.unit, lang, tick_decimals(marks)) if mark == marks[-1] else label
        signed = label if mark <= 0 else f"+{label}"
        board.line([x, x], [BOTTOM, BOTTOM + 5], "rule", 1)
        board.text(x, BOTTOM + 20, signed if mark else number(0, lang), anchor="middle")
    zero = scale(0)
    board.line([zero, zero], [TOP - 12, BOTTOM], "ink", 1.2)
    label = msg("no change").render(lang)
    board.text(zero, TOP - 18, label, "ink", size=SMALL_SIZE, anchor="middle")
    if data.sign:
        good, bad = msg("more favourable").render(lang), msg("less favourable").render(lang)
        left, right = (bad, good) if data.sign > 0 else (good, bad)
        board.text(LEFT, TOP - 18, f"← {left}", size=SMALL_SIZE)
        board.text(RIGHT, TOP - 18, f"{right} →", size=SMALL_SIZE, anchor="end")


def _draw_others(board: Canvas, scale: Scale, others: Sequence[float], data: ChangeData, lang: str) -> None:
    for x, level in _stacked([scale(one) for one in others]):
        board.mark(x, STRIP + level * 4.2, "quiet", size=4)
    if not others:
        return
    median = scale(quantile(others, 0.5))
    board.line([median, median], [STRIP - 24, BOTTOM - 18], "ref", 2)
    value = Quantity(quantile(others, 0.5), data.unit, data.decimals, signed=True)
    label = nmsg(
        "{label}: {n} territory, {median}",
        "{label}: {n} territories, median {median}",
        len(others),
        label=clean(data.others_label),
        median=value,
    ).render(lang)
    shown = fit(label, RIGHT - LEFT)
    half = text_width(shown) / 2
    middle = min(max(median, LEFT + half), RIGHT - half)
    board.text(middle, STRIP - 34, shown, "ref", anchor="middle", halo=True)


def _stacked(xs: Sequence[float]) -> list[tuple[float, int]]:
    """Return dots set apart in alternate rows (0, 1, -1, 2, -2...) so that none hides another, six rows a side at most."""
    ends: dict[int, float] = {}
    placed = []
    rows = [0, *(row for step in range(1, 5) for row in (step, -step))]
    for x in sorted(xs):
        free = [row for row in rows if x - ends.get(row, -DOT) >= DOT]
        row = free[0] if free else min(rows, key=lambda one: (ends[one], abs(one)))
        ends[row] = x
        placed.append((x, row))
    return placed


def _draw_territory(board: Canvas, scale: Scale, data: ChangeData, lang: str) -> None:
    point = data.change
    name = clean(data.territory)
    if point.value is None:
        text = msg("{territory}: the change cannot be computed", territory=name).render(lang)
        board.text(LEFT, MINE + 4, fit(text, RIGHT - LEFT), "mine", halo=True)
        return
    x = scale(point.value)
    value = Quantity(point.value, data.unit, data.decimals, signed=True).render(lang)
    if point.lower is not None and point.upper is not None:
        board.line([scale(point.lower), scale(point.upper)], [MINE, MINE], "mine", 2)
        value = f"{value} {Interval(point.lower, point.upper, data.unit, data.decimals, signed=True).render(lang)}"
    board.line([x, x], [MINE, STRIP], "mine", 1, dash=(2, 3))
    board.mark(x, MINE, "mine", size=9)
    shown = f"{fit(name, 300, bold=True)} {value}"
    half = text_width(shown, bold=True) / 2
    board.text(min(max(x, LEFT + half), RIGHT - half), MINE - 14, shown, "mine", bold=True, anchor="middle", halo=True)


def change_table(data: ChangeData, lang: str) -> DataTable:
    """Return the change of the territory and how those of the others are spread."""
    others = finite(data.others)
    spots = (
        (0.025, "2.5th percentile"),
        (0.25, "lower quartile"),
        (0.5, "median"),
        (0.75, "upper quartile"),
        (0.975, "97.5th percentile"),
    )
    names = {
        "2.5th percentile": msg("2.5th percentile"),
        "lower quartile": msg("lower quartile"),
        "median": msg("median"),
        "upper quartile": msg("upper quartile"),
        "97.5th percentile": msg("97.5th percentile"),
    }
    rows = [(clean(data.territory), value_text(data.change, data.unit, lang, data.decimals))]
    for share, name in spots if others else ():
        head = f"{clean(data.others_label)}, {names[name].render(lang)}"
        rows.append((head, number_text(quantile(others, share), data.unit, lang, data.decimals)))
    rows.append((msg("Territories compared").render(lang), number_text(float(len(others)), "count", lang)))
    years = msg("Change {start} to {end}", start=period(data.start, lang), end=period(data.end, lang)).render(lang)
    raw = {
        "start": data.start,
        "end": data.end,
        "value": data.change.value,
        "lower": data.change.lower,
        "upper": data.change.upper,
        "status": data.change.status,
        "others": others,
    }
    caption = msg("Data: {measure}", measure=clean(data.measure)).render(lang)
    return DataTable(caption, (msg("Territory").render(lang), years), tuple(rows), (False, True), (raw,))
