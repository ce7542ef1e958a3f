"""The trend chart: the territory's line against the middle half of the comparators, with breaks, gaps and targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.axes import Frame, draw_frame
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions, Comparator, Mark, Point, TrendData
from evalkit.charts.labels import EndLabel, draw_end_labels, labels_width
from evalkit.charts.layout import line_ticks, runs, text_width
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.trend_table import compared_periods, trend_table
from evalkit.charts.words import periods_text, status_word
from evalkit.model.figure import Figure
from evalkit.text import Quantity, msg, period, quantity

HEIGHT = 340.0


def trend(figure_id: str, data: TrendData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the chart of a territory's series, with its data table and its text alternative.

    The territory is one blue line, with the interval of each value where there is one; `data.comparator` an ochre median
    with a band for its middle half, `data.reference` a dashed grey line. A break is a dotted vertical line just before its
    period, a period without a value a gap with a hollow mark on the axis. Raises `ValueError` when no value is published.
    """
    text = alt or alternative.trend(data, lang)
    picture = _picture(figure_id, data, lang, text)
    table = trend_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _picture(figure_id: str, data: TrendData, lang: str, alt: str) -> str:
    marks = [mark for mark in (data.baseline, *data.milestones, data.target) if mark]
    periods = sorted({point.period for point in data.points} | {mark.period for mark in marks} | compared_periods(data))
    scale_marks = line_ticks(_numbers(data, marks), bounded=data.unit == "percent")
    labels = _end_labels(data, lang)
    with drawing(HEIGHT) as board:
        frame = draw_frame(board, scale_marks, periods, data.unit, lang, right=labels_width(labels))
        _draw_spread(board, frame, data.comparator)
        _draw_breaks(board, frame, data.breaks, lang)
        _draw_medians(board, frame, data.reference, "quiet", 1.4, dash=(5, 3))
        _draw_medians(board, frame, data.comparator, "ref", 1.8)
        _draw_territory(board, frame, data.points)
        _draw_gaps(board, frame, data.points, lang)
        _draw_marks(board, frame, data, lang)
        draw_end_labels(board, frame, labels)
        return board.svg(figure_id, alt)


def _numbers(data: TrendData, marks: Sequence[Mark]) -> list[float]:
    found: list[float | None] = [mark.value for mark in marks]
    for point in data.points:
        found += [point.value, *((point.lower, point.upper) if point.has_interval else ())]
    for spread in data.comparator.spreads if data.comparator else ():
        found += [spread.median, spread.q1, spread.q3]
    found += [spread.median for spread in data.reference.spreads] if data.reference else []
    numbers = [number for number in found if number is not None]
    if not numbers:
        raise ValueError("a trend chart needs at least one value")
    return numbers


def _draw_spread(board: Canvas, frame: Frame, comparator: Comparator | None) -> None:
    if comparator is None:
        return
    known = [one if one.q1 is not None and one.q3 is not None else None for one in comparator.spreads]
    for run in runs(known):
        some = [one for one in (known[place] for place in run) if one]
        xs = [frame.x(one.period) for one in some]
        lower = [frame.y(one.q1) for one in some if one.q1 is not None]
        board.ribbon(xs, lower, [frame.y(one.q3) for one in some if one.q3 is not None], "band")


def _draw_medians(
    board: Canvas, frame: Frame, comparator: Comparator | None, token: str, width: float, **style: Any
) -> None:
    spreads = comparator.spreads if comparator else ()
    for run in runs([one.median for one in spreads]):
        some = [spreads[place] for place in run]
        places = [(frame.x(one.period), frame.y(one.median)) for one in some if one.median is not None]
        if len(places) == 1:
            board.mark(*places[0], token, size=4)
        else:
            board.line([x for x, _ in places], [y for _, y in places], token, width, **style)


def _draw_territory(board: Canvas, frame: Frame, points: Sequence[Point]) -> None:
    for run in runs([point.value for point in points]):
        places = [(frame.x(points[place].period), frame.y(points[place].value or 0.0)) for place in run]
        _draw_interval(board, frame, [points[place] for place in run])
        if len(places) > 1:
            board.line([x for x, _ in places], [y for _, y in places], "mine", 2.6)
        for place, (x, y) in zip(run, places, strict=True):
            board.mark(x, y, "mine", size=5, fill="paper" if points[place].status == "estimated" else None)


def _draw_interval(board: Canvas, frame: Frame, points: Sequence[Point]) -> None:
    bounds = [(point.lower, point.upper) if point.has_interval else None for point in points]
    for run in runs(bounds):
        some = [points[place] for place in run]
        xs = [frame.x(point.period) for point in some]
        lower = [frame.y(point.lower) for point in some if point.lower is not None]
        upper = [frame.y(point.upper) for point in some if point.upper is not None]
        if len(some) > 1:
            board.ribbon(xs, lower, upper, "mine", opacity=0.16)
        else:
            board.line([xs[0], xs[0]], [lower[0], upper[0]], "mine", 1.6)


def _draw_breaks(board: Canvas, frame: Frame, breaks: Sequence[str], lang: str) -> None:
    shown = [one for one in sorted(breaks) if frame.periods[0] < one <= frame.periods[-1]]
    places = [frame.before(one) for one in shown]
    for x in places:
        board.line([x, x], [frame.top, frame.bottom], "quiet", 1.2, dash=(2, 4))
    if not places:
        return
    years = periods_text(shown, lang)
    label = (
        msg("breaks in series: {years}", years=years)
        if len(shown) > 1
        else msg("break in series: {years}", years=years)
    )
    text = label.render(lang)
    half = text_width(text, SMALL_SIZE) / 2
    middle = min(max((places[0] + places[-1]) / 2, frame.left + half), frame.right - half)
    board.text(middle, frame.top - 8, text, size=SMALL_SIZE, anchor="middle")


def _draw_gaps(board: Canvas, frame: Frame, points: Sequence[Point], lang: str) -> None:
    for run in runs([point.status if point.value is None else None for point in points]):
        for status in sorted({points[place].status for place in run}):
            xs = [frame.x(points[place].period) for place in run if points[place].status == status]
            for x in xs:
                board.mark(x, frame.bottom, "quiet", size=7, fill="paper")
            word = status_word(status, lang)
            half = text_width(word, SMALL_SIZE) / 2
            middle = min(max((xs[0] + xs[-1]) / 2, frame.left + half + 4), frame.right - half + 8)
            board.text(middle, frame.bottom - 9, word, size=SMALL_SIZE, anchor="middle", halo=True)


def _draw_marks(board: Canvas, frame: Frame, data: TrendData, lang: str) -> None:
    path = [mark for mark in (data.baseline, *sorted(data.milestones, key=lambda one: one.period), data.target) if mark]
    if len(path) > 1:
        board.line(
            [frame.x(mark.period) for mark in path], [frame.y(mark.value) for mark in path], "ink", 1.1, dash=(1.5, 3)
        )
    for mark in path:
        x, y = frame.x(mark.period), frame.y(mark.value)
        if mark is data.target:
            board.mark(x, y, "ink", shape="D", size=8)
        else:
            board.mark(x, y, "ink", shape="s" if mark is data.baseline else "D", size=7, fill="paper")
        if mark is not data.target:
            _label_mark(board, frame, data, mark, lang)


def _label_mark(board: Canvas, frame: Frame, data: TrendData, mark: Mark, lang: str) -> None:
    value = Quantity(mark.value, data.unit, data.decimals)
    text = (
        msg("baseline {value}", value=value) if mark is data.baseline else msg("milestone {value}", value=value)
    ).render(lang)
    x, y, half = frame.x(mark.period), frame.y(mark.value), text_width(text, SMALL_SIZE) / 2
    middle = min(max(x, frame.left + half + 2), frame.right - half)
    mine = next((point.value for point in data.points if point.period == mark.period), None)
    is_above = mine is not None and frame.y(mine) > y
    board.text(middle, y - 10 if is_above else y + 19, text, "ink", size=SMALL_SIZE, anchor="middle", halo=True)


def _end_labels(data: TrendData, lang: str) -> list[EndLabel]:
    last = next((point for point in reversed(data.points) if point.value is not None), None)
    labels = []
    if last and last.value is not None:
        words = quantity(last.value, data.unit, lang, data.decimals)
        labels.append(EndLabel(clean(data.territory), words, last.period, last.value, "mine", bold=True))
    for comparator, token in ((data.comparator, "ref"), (data.reference, "quiet")):
        known = [one for one in comparator.spreads if one.median is not None] if comparator else []
        if comparator and known and known[-1].median is not None:
            words = quantity(known[-1].median, data.unit, lang, data.decimals)
            labels.append(EndLabel(clean(comparator.label), words, known[-1].period, known[-1].median, token))
    if data.target:
        name = msg("target {year}", year=period(data.target.period, lang)).render(lang)
        words = quantity(data.target.value, data.unit, lang, data.decimals)
        labels.append(EndLabel(name, words, data.target.period, data.target.value, "ink"))
    return labels
