"""The locator map: the territory in blue among the others, on the outline of its departments, with a close-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
from evalkit.charts.mapping import Bounds, Window, around, draw_shape, is_area, size
from evalkit.charts.programme_inputs import LocatorData
from evalkit.charts.style import SMALL_SIZE
from evalkit.charts.svg import clean
from evalkit.model.figure import DataTable, Figure
from evalkit.text import Quantity, msg, number

WIDTH, MAP_HEIGHT, INSET_HEIGHT, PADDING = 340.0, 300.0, 170.0, 8.0
TINY = 24.0
CLOSE_UP = 3.2
MOST_DOTS = 400
KM_PER_DEGREE = 111.32


def locator(figure_id: str, data: LocatorData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the map of where a territory lies; the facts in its table say the same in words.

    A territory too small to be seen on the map gets a dot, and a close-up below with its shape, its neighbours and a
    scale. Raises `ValueError` when the territory has no geometry.
    """
    if data.place is None or data.place.is_empty:
        raise ValueError(f"{data.territory}: no geometry to put on a map")
    text = alt or alternative.locator(data, lang)
    whole = _whole(data)
    is_tiny = is_area(data.place) and size(whole, data.place) < TINY
    with drawing(whole.height + 2 * PADDING + (INSET_HEIGHT if is_tiny else 0.0), WIDTH) as board:
        _draw_map(board, whole, data, is_tiny=is_tiny)
        if is_tiny:
            _draw_close_up(board, whole, data, lang)
        picture = board.svg(figure_id, text, kind="map")
    return chart_figure(figure_id, captions, alt=text, data=_table(data, lang), svg=picture)


def _whole(data: LocatorData) -> Window:
    bounds = around([*(data.outlines or data.others), data.place], 0.0)
    sized = Window(bounds, PADDING, PADDING, WIDTH - 2 * PADDING, MAP_HEIGHT)
    height = min(MAP_HEIGHT, max(60.0, (bounds[3] - bounds[1]) * sized.per_degree))
    return Window(bounds, PADDING, PADDING, WIDTH - 2 * PADDING, height)


def _draw_map(board: Canvas, window: Window, data: LocatorData, *, is_tiny: bool) -> None:
    for outline in data.outlines:
        draw_shape(board, window, outline, "wash", "rule", 1.2)
    for x, y in _dots(window, data.others):
        board.mark(x, y, "quiet", size=3.2)
    if is_area(data.place) and not is_tiny:
        draw_shape(board, window, data.place, "mine", "paper", 0.8)
        return
    point = data.place.representative_point()
    x, y = window.at(point.x, point.y)
    board.mark(x, y, "paper", size=13)
    board.mark(x, y, "mine", size=9)


def _dots(window: Window, shapes: Sequence[Any]) -> list[tuple[float, float]]:
    """Return where the other territories stand; dots that would touch are drawn once, coarser the more there are."""
    places = [
        window.at(point.x, point.y) for point in (one.representative_point() for one in shapes if not one.is_empty)
    ]
    grain = 1.0
    while len(cells := {(round(x / grain), round(y / grain)): (x, y) for x, y in sorted(places)}) > MOST_DOTS:
        grain *= 1.5
    return sorted(cells.values())


def _draw_close_up(board: Canvas, whole: Window, data: LocatorData, lang: str) -> None:
    from shapely import box

    top = whole.top + whole.height + 2 * PADDING
    frame = Window(_close_bounds(data.place), 1.0, top, WIDTH - 2, INSET_HEIGHT - PADDING - 2)
    half_wide = frame.width / 2 / frame.per_degree / frame.squeeze
    half_high = frame.height / 2 / frame.per_degree
    middle = ((frame.bounds[0] + frame.bounds[2]) / 2, (frame.bounds[1] + frame.bounds[3]) / 2)
    view = box(middle[0] - half_wide, middle[1] - half_high, middle[0] + half_wide, middle[1] + half_high)
    board.box(frame.left, frame.top, frame.width, frame.height, "wash", edge="rule")
    for other in data.others:
        if other.intersects(view) and not other.equals(data.place):
            draw_shape(board, frame, other.intersection(view), "half", "wash", 0.8)
    draw_shape(board, frame, data.place, "mine", "wash", 0.8)
    _draw_scale(board, frame, lang)


def _close_bounds(place: Any) -> Bounds:
    west, south, east, north = place.bounds
    grow = (CLOSE_UP - 1) / 2 * max(north - south, (east - west) / 2) / 2
    return west - grow, south - grow, east + grow, north + grow


def _draw_scale(board: Canvas, frame: Window, lang: str) -> None:
    per_km = frame.per_degree / KM_PER_DEGREE
    length = next((one for one in (20.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2) if one * per_km <= frame.width / 3.5), 0.1)
    x, y = frame.left + 12, frame.top + frame.height - 12
    board.line([x, x + length * per_km], [y, y], "ink", 1.6)
    label = f"{number(length, lang)} km" if length >= 1 else f"{number(1000 * length, lang)} m"
    board.text(x, y - 6, label, "ink", size=SMALL_SIZE, halo=True)


def _table(data: LocatorData, lang: str) -> DataTable:
    point = data.place.representative_point()
    rows = [(clean(name), clean(value)) for name, value in data.facts]
    longitude, latitude = Quantity(round(point.x, 3), "ratio", 3), Quantity(round(point.y, 3), "ratio", 3)
    where = msg("longitude {longitude}, latitude {latitude}", longitude=longitude, latitude=latitude)
    rows.append((msg("Position").render(lang), where.render(lang)))
    raw = (
        {
            "territory": data.territory,
            "longitude": round(point.x, 3),
            "latitude": round(point.y, 3),
            **dict(data.facts),
        },
    )
    heads = (msg("What").render(lang), msg("Where").render(lang))
    return DataTable(
        msg("Location: {territory}", territory=clean(data.territory)).render(lang), heads, tuple(rows), (), raw
    )
