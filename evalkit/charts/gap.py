"""The gap chart of a synthetic control: treated minus synthetic, among the same gaps of territories without the programme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.axes import Frame, draw_frame
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.design_inputs import GapData
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, finite, quantile
from evalkit.charts.labels import EndLabel, draw_end_labels, labels_width
from evalkit.charts.layout import line_ticks, runs, text_width
from evalkit.charts.plane import clipped, draw_sides
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import bounds_text, effect_text, status_word
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, msg, nmsg, period, quantity

HEIGHT = 350.0
MOST_LINES = 60
REACH = 0.05
OUTER = (0.025, 0.975)


def gap(figure_id: str, data: GapData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the gap of a treated territory in blue, those of the placebos in grey, the start as a dashed line.

    The vertical scale holds the whole blue line and nine tenths of the placebo values: a placebo that was never followed well does
    not crush the rest, its line is cut at the edge and the chart says how many are. Beyond sixty placebos a band (their middle
    95 %) replaces the lines. Raises `ValueError` when the gap has no value.
    """
    text = alt or alternative.gap(data, lang)
    with drawing(HEIGHT) as board:
        _draw(board, data, lang)
        picture = board.svg(figure_id, text)
    table = gap_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def at_period(data: GapData, place: int) -> list[float]:
    """Return the gaps of the placebos at one period, sorted."""
    return finite([path.values[place] for path in data.placebos])


def _draw(board: Canvas, data: GapData, lang: str) -> None:
    labels = _labels(data, lang)
    periods = [point.period for point in data.gaps]
    right = labels_width(labels)
    frame = draw_frame(board, _marks(data), periods, data.unit, lang, right=right, signed=True)
    draw_sides(board, frame.right, frame.top - 18, data.sign, lang)
    _draw_placebos(board, frame, data)
    zero = frame.y(0)
    board.line([frame.left, frame.right], [zero, zero], "ink", 1.2)
    _draw_dates(board, frame, data, lang)
    _draw_own(board, frame, data, lang)
    draw_end_labels(board, frame, labels)


def _marks(data: GapData) -> list[float]:
    own = [one for point in data.gaps for one in (point.value, point.lower, point.upper) if one is not None]
    if not own:
        raise ValueError("a gap chart needs at least one value")
    if len(data.placebos) > MOST_LINES:
        crowds = [at_period(data, place) for place in range(len(data.gaps))]
        ends = [quantile(one, share) for one in crowds if one for share in OUTER]
    else:
        others = finite([value for path in data.placebos for value in path.values])
        ends = [quantile(others, share) for share in (REACH, 1 - REACH)] if others else []
    return line_ticks([*own, *ends, 0.0], bounded=False)


def _labels(data: GapData, lang: str) -> list[EndLabel]:
    last = next((point for point in reversed(data.gaps) if point.value is not None), None)
    found = []
    if last and last.value is not None:
        value = quantity(last.value, data.unit, lang, data.decimals, signed=True)
        found.append(EndLabel(clean(data.subject), value, last.period, last.value, "mine", bold=True))
    ends = at_period(data, len(data.gaps) - 1)
    if ends:
        marks, count = _marks(data), len(data.placebos)
        name = nmsg("{n} territory without the programme,", "{n} territories without the programme,", count)
        place = min(max(quantile(ends, 0.5), marks[0]), marks[-1])
        found.append(EndLabel(name.render(lang), _how(data, marks, lang), data.gaps[-1].period, place, "quiet"))
    return found


def _how(data: GapData, marks: Sequence[float], lang: str) -> str:
    """Say how the placebos are drawn: a band, or lines of which some leave the scale."""
    if len(data.placebos) > MOST_LINES:
        return msg("95% of their gaps").render(lang)
    beyond = [finite(path.values) for path in data.placebos]
    cut = sum(values[0] < marks[0] or values[-1] > marks[-1] for values in beyond if values)
    if not cut:
        return msg("in grey").render(lang)
    return nmsg("in grey, {n} off the scale", "in grey, {n} off the scale", cut).render(lang)


def _draw_placebos(board: Canvas, frame: Frame, data: GapData) -> None:
    if not data.placebos:
        return
    xs = [frame.x(point.period) for point in data.gaps]
    lines = [_places(xs, path.values, frame) for path in data.placebos]
    if len(data.placebos) > MOST_LINES:
        _draw_band(board, frame, data, xs)
    else:
        pieces = [piece for line in lines for part in line for piece in clipped(part, frame.top, frame.bottom)]
        board.strokes(pieces, "half", 1)


def _places(xs: Sequence[float], values: Sequence[float | None], frame: Frame) -> list[list[tuple[float, float]]]:
    return [[(xs[place], frame.y(values[place] or 0.0)) for place in run] for run in runs(values)]


def _draw_band(board: Canvas, frame: Frame, data: GapData, xs: Sequence[float]) -> None:
    known = [at_period(data, place) or None for place in range(len(xs))]
    for run in runs(known):
        some = [values for values in (known[place] for place in run) if values]
        lower, upper = ([frame.y.clip(quantile(one, share)) for one in some] for share in OUTER)
        board.ribbon([xs[place] for place in run], lower, upper, "band")


def _draw_dates(board: Canvas, frame: Frame, data: GapData, lang: str) -> None:
    for one in sorted(data.breaks):
        if frame.periods[0] < one <= frame.periods[-1]:
            x = frame.before(one)
            board.line([x, x], [frame.top, frame.bottom], "quiet", 1.2, dash=(2, 4))
    x = frame.before(data.start)
    board.line([x, x], [frame.top - 4, frame.bottom], "ink", 1, dash=(5, 3))
    label = msg("start: {year}", year=period(data.start, lang)).render(lang)
    half = text_width(label, SMALL_SIZE) / 2
    board.text(max(x, frame.left + half), frame.top - 7, label, "ink", size=SMALL_SIZE, anchor="middle", halo=True)


def _draw_own(board: Canvas, frame: Frame, data: GapData, lang: str) -> None:
    for run in runs([point.value for point in data.gaps]):
        points = [data.gaps[place] for place in run]
        xs, ys = [frame.x(one.period) for one in points], [frame.y(one.value or 0.0) for one in points]
        for x, one in zip(xs, points, strict=True):
            if one.lower is not None and one.upper is not None:
                board.line([x, x], [frame.y(one.lower), frame.y(one.upper)], "mine", 1.4)
        if len(xs) > 1:
            board.line(xs, ys, "mine", 2.6)
        for x, y in zip(xs, ys, strict=True):
            board.mark(x, y, "mine", size=5)
    for point in data.gaps:
        if point.value is None:
            x, word = frame.x(point.period), status_word(point.status, lang)
            board.mark(x, frame.bottom, "quiet", size=7, fill="paper")
            board.text(x, frame.bottom - 22, word, size=SMALL_SIZE, anchor="middle", halo=True)


def gap_table(data: GapData, lang: str) -> DataTable:
    """Return the gap of each period beside the lowest, the middle and the highest of the placebos, then the mean since the start."""
    heads = [msg("Period").render(lang), clean(data.subject), msg("Interval").render(lang)]
    if data.placebos:
        names = (msg("Lowest placebo"), msg("Median placebo"), msg("Highest placebo"))
        heads += [name.render(lang) for name in names]
    rows = [_cells(data, place, lang) for place in range(len(data.gaps))]
    if data.effect is not None:
        head = msg("Mean since {year}", year=period(data.start, lang)).render(lang)
        value = effect_text(data.effect.value, None, None, data.unit, data.decimals, lang)
        bounds = bounds_text(data.effect.lower, data.effect.upper, data.unit, data.decimals, lang)
        rows.append((head, value, bounds, *([NO_VALUE] * 3 if data.placebos else [])))
    caption = msg("Gap with the synthetic territory: {measure}", measure=clean(data.measure)).render(lang)
    numeric = (False, *(True,) * (len(heads) - 1))
    return DataTable(caption, tuple(heads), tuple(rows), numeric, tuple(_raw(data)))


def _cells(data: GapData, place: int, lang: str) -> tuple[str, ...]:
    point, others = data.gaps[place], at_period(data, place)
    cells = [
        period(point.period, lang),
        effect_text(point.value, None, None, data.unit, data.decimals, lang, status=point.status),
        bounds_text(point.lower, point.upper, data.unit, data.decimals, lang),
    ]
    for share in (0.0, 0.5, 1.0) if data.placebos else ():
        one = quantile(others, share) if others else None
        cells.append(effect_text(one, None, None, data.unit, data.decimals, lang))
    return tuple(cells)


def _raw(data: GapData) -> list[dict[str, Any]]:
    return [
        {
            "period": point.period,
            "value": point.value,
            "lower": point.lower,
            "upper": point.upper,
            "status": point.status,
            "unit": data.unit,
            "placebos": at_period(data, place),
        }
        for place, point in enumerate(data.gaps)
    ]
