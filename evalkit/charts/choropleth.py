"""The choropleth: the value of an indicator on the map of the territories, with close-ups where they crowd."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.classes import RAMP, class_breaks, class_names, class_of, shade
from evalkit.charts.crowding import Inset, insets
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.layout import fit, text_width
from evalkit.charts.mapping import Window, around, draw_shape, is_area, rings, size
from evalkit.charts.place_inputs import Area, MapData
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.charts.words import status_word
from evalkit.model.figure import DataTable, Figure
from evalkit.text import NO_VALUE, msg, period, quantity

MAP_WIDTH, MAP_HEIGHT, PADDING, COLUMN = 440.0, 420.0, 8.0, 466.0
LINE, INSET_HEIGHT = 22.0, 132.0
TINY, DOT, RIM = 9.0, 6.0, 1.4
GRAIN, MANY = 3.0, 400


def choropleth(figure_id: str, data: MapData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the map: the darker (on a dark page the lighter), the higher; no shade is better or worse than another.

    Up to five classes of about as many territories each, or those of `data.breaks`. A secret value is hatched, any other without a value
    blank. A territory too small to be seen is a dot of its class; up to three crowded places are drawn again, numbered, at the right.
    Raises `ValueError` when no territory has a geometry.
    """
    areas = tuple(one for one in data.areas if one.shape is not None and not one.shape.is_empty)
    if not areas:
        raise ValueError("a map needs at least one territory with a geometry")
    text = alt or alternative.choropleth(data, lang)
    breaks = class_breaks(data)
    window = _window(areas, data)
    close = insets(window, [one.shape for one in areas if _is_dot(window, one)])
    legend = _legend(data, breaks, lang)
    column = 24 + LINE * len(legend) + INSET_HEIGHT * len(close)
    with drawing(max(window.height + 2 * PADDING, column)) as board:
        for outline in data.outlines:
            draw_shape(board, window, outline, "wash", "rule", 1.2)
        is_crowd = len(areas) > MANY
        kept = [one for one in areas if not (is_crowd and any(inset.holds(one.shape) for inset in close))]
        _draw_areas(board, window, kept, breaks, data)
        _draw_legend(board, legend, data, lang)
        for place, inset in enumerate(close):
            top = 24 + LINE * len(legend) + INSET_HEIGHT * place
            _draw_inset(board, inset, place + 1, top, window, areas, breaks, data)
        _draw_highlight(board, window, areas, close, data)
        picture = board.svg(figure_id, text)
    table = map_table(data, lang)
    return chart_figure(figure_id, captions, alt=text, data=table, svg=picture, indicators=(data.indicator,))


def _window(areas: Sequence[Area], data: MapData) -> Window:
    bounds = around([*data.outlines, *(one.shape for one in areas)], 0.0)
    sized = Window(bounds, PADDING, PADDING, MAP_WIDTH - 2 * PADDING, MAP_HEIGHT)
    height = min(MAP_HEIGHT, max(120.0, (bounds[3] - bounds[1]) * sized.per_degree))
    return Window(bounds, PADDING, PADDING, MAP_WIDTH - 2 * PADDING, height)


def _is_dot(window: Window, area: Area) -> bool:
    return not is_area(area.shape) or size(window, area.shape) < TINY


def _draw_areas(board: Canvas, window: Window, areas: Sequence[Area], breaks: Sequence[float], data: MapData) -> None:
    wide = [one for one in areas if not _is_dot(window, one)]
    for place in range(len(breaks) + 1):
        found = [one for one in wide if one.value is not None and class_of(one.value, breaks, data) == place]
        drawn = [ring for one in found for ring in rings(window, one.shape)]
        if drawn:
            board.outline(drawn, shade(place, breaks), "half", 0.8)
    blank = [one for one in wide if one.value is None]
    drawn = [ring for one in blank for ring in rings(window, one.shape)]
    if drawn:
        board.outline(drawn, "paper", "quiet", 0.8)
    board.segments(
        [end for one in blank if one.status == "secret" for end in _hatching(window, one.shape)], "quiet", 0.9
    )
    _draw_dots(board, window, [one for one in areas if _is_dot(window, one)], breaks, data)


def _hatching(window: Window, shape: object) -> list[tuple[float, float, float, float]]:
    """Return slanted lines over a shape, cut at its limits."""
    from shapely import LineString, Polygon, union_all

    whole = union_all([Polygon(ring) for ring in rings(window, shape)])
    west, north, east, south = whole.bounds if not whole.is_empty else (0.0, 0.0, 0.0, 0.0)
    start, found = 5.0 * ((west + north) // 5.0), []
    while start < east + south:
        line = LineString([(start - south, south), (start - north, north)]).intersection(whole)
        for part in getattr(line, "geoms", [line]):
            if part.geom_type == "LineString" and not part.is_empty:
                (x1, y1), (x2, y2) = part.coords[0], part.coords[-1]
                found.append((x1, y1, x2, y2))
        start += 5.0
    return found


def _spot(window: Window, area: Area) -> tuple[float, float]:
    point = area.shape.representative_point()
    return window.at(point.x, point.y)


def _draw_dots(board: Canvas, window: Window, dots: Sequence[Area], breaks: Sequence[float], data: MapData) -> None:
    grain, width = (0.5, DOT) if len(data.areas) <= MANY else (GRAIN, DOT - 1.5)
    kinds: dict[str, dict[tuple[int, int], tuple[float, float]]] = {}
    for one in dots:
        kind = one.status if one.value is None else shade(class_of(one.value, breaks, data), breaks)
        x, y = _spot(window, one)
        cell = (round(x / grain), round(y / grain))
        kinds.setdefault(kind, {})[cell] = (cell[0] * grain, cell[1] * grain)
    for kind in sorted(kinds):
        places = [kinds[kind][cell] for cell in sorted(kinds[kind])]
        board.dots(places, "quiet", width + RIM)
        board.dots(places, kind if kind in RAMP else "paper", width)
        if kind == "secret":
            board.segments([(x - 2.5, y + 2.5, x + 2.5, y - 2.5) for x, y in places], "quiet", 1)


def _draw_highlight(
    board: Canvas, window: Window, areas: Sequence[Area], close: Sequence[Inset], data: MapData
) -> None:
    mine = next((one for one in areas if one.label == data.highlighted), None)
    if mine is None:
        return
    x, y = _spot(window, mine)
    around_it = next((inset for inset in close if inset.holds(mine.shape)), None)
    if around_it is None:
        _ring(board, window, mine)
    top = y - 12 if around_it is None else window.at(*around_it.bounds[2:])[1] - 9
    name = fit(clean(mine.label), 220, bold=True)
    half = text_width(name, bold=True) / 2
    middle = min(max(x, half), MAP_WIDTH - half)
    board.text(middle, top if top > 14 else y + 24, name, "ink", bold=True, anchor="middle", halo=True)


def _ring(board: Canvas, window: Window, mine: Area) -> None:
    x, y = _spot(window, mine)
    if _is_dot(window, mine):
        board.box(x - 6, y - 6, 12, 12, None, edge="ink")
    else:
        board.outline(rings(window, mine.shape), None, "ink", 2.2)


def _legend(data: MapData, breaks: Sequence[float], lang: str) -> list[tuple[str, str]]:
    """Return what each shade and each absence means, with how many territories it has."""
    known = [class_of(one.value, breaks, data) for one in data.areas if one.value is not None]
    found = [
        (shade(place, breaks), f"{words} ({known.count(place)})")
        for place, words in enumerate(class_names(data, breaks, lang))
        if known
    ]
    statuses = [one.status for one in data.areas if one.value is None]
    return [
        *found,
        *((status, f"{status_word(status, lang)} ({statuses.count(status)})") for status in sorted(set(statuses))),
    ]


def _draw_legend(board: Canvas, legend: Sequence[tuple[str, str]], data: MapData, lang: str) -> None:
    board.text(COLUMN, 14, period(data.period, lang), bold=True)
    for place, (kind, words) in enumerate(legend):
        y = 24 + LINE * place
        if kind in RAMP:
            board.box(COLUMN, y, 22, 14, kind, edge="quiet")
        else:
            board.box(COLUMN, y, 22, 14, "paper", edge="quiet")
            if kind == "secret":
                ends = [(x, y + 14, x + 8, y) for x in (COLUMN + 1, COLUMN + 7, COLUMN + 13)]
                board.segments(ends, "quiet", 0.9)
        board.text(COLUMN + 30, y + 11.4, words, "ink", size=SMALL_SIZE)


def _draw_inset(
    board: Canvas,
    inset: Inset,
    name: int,
    top: float,
    window: Window,
    areas: Sequence[Area],
    breaks: Sequence[float],
    data: MapData,
) -> None:
    (x1, y2), (x2, y1) = (window.at(*inset.bounds[:2]), window.at(*inset.bounds[2:]))
    board.box(x1 - 4, y1 - 4, x2 - x1 + 8, y2 - y1 + 8, None, edge="ink")
    board.text(x2 + 7, y2 + 4, str(name), "ink", size=SMALL_SIZE, bold=True, halo=True)
    width = board.width - COLUMN - 2
    board.box(COLUMN, top + 6, width, INSET_HEIGHT - 14, "wash", edge="rule")
    board.text(COLUMN + 6, top + 20, str(name), "ink", size=SMALL_SIZE, bold=True)
    view = Window(inset.bounds, COLUMN + 18, top + 14, width - 30, INSET_HEIGHT - 30)
    inside = [one for one in areas if inset.holds(one.shape)]
    _draw_areas(board, view, inside, breaks, data)
    for one in inside:
        if one.label == data.highlighted:
            _ring(board, view, one)


def map_table(data: MapData, lang: str) -> DataTable:
    """Return the value and the class of each territory, in the order given."""
    breaks = class_breaks(data)
    names = class_names(data, breaks, lang)
    heads = (msg("Territory"), msg("Value"), msg("Class"))
    rows, raw = [], []
    for one in data.areas:
        known = one.value is not None
        value = (
            quantity(one.value, data.unit, lang, data.decimals)
            if one.value is not None
            else status_word(one.status, lang)
        )
        name = names[class_of(one.value, breaks, data)] if one.value is not None else NO_VALUE
        rows.append((clean(one.label), value, name))
        raw.append(
            {
                "label": one.label,
                "period": data.period,
                "value": one.value,
                "status": one.status,
                "class": class_of(one.value, breaks, data) + 1 if known and one.value is not None else None,
                "unit": data.unit,
            }
        )
    caption = msg("Data: {measure}, {year}", measure=clean(data.measure), year=period(data.period, lang)).render(lang)
    return DataTable(caption, tuple(head.render(lang) for head in heads), tuple(rows), (False, True, False), tuple(raw))
