"""The locator map: the territory in blue among the others, on the outline of its departments, with a close-up."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.charts import alt as alternative
from evalkit.charts.canvas import Canvas, drawing
from evalkit.charts.figures import chart_figure
from evalkit.charts.inputs import Captions
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
Ring = list[tuple[float, float]]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Window:
    """A part of the world (degrees) on a part of the picture: plain latitude scaled by its cosine, fair over a region."""

    bounds: Bounds
    left: float
    top: float
    width: float
    height: float

    @property
    def squeeze(self) -> float:
        """Return by how much a degree of longitude is shorter than one of latitude here."""
        return math.cos(math.radians((self.bounds[1] + self.bounds[3]) / 2))

    @property
    def per_degree(self) -> float:
        """Return picture units per degree of latitude."""
        west, south, east, north = self.bounds
        return min(self.width / max((east - west) * self.squeeze, 1e-9), self.height / max(north - south, 1e-9))

    def at(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return the place of a point; the world part is centred in its part of the picture."""
        west, south, east, north = self.bounds
        x = self.left + self.width / 2 + (longitude - (west + east) / 2) * self.squeeze * self.per_degree
        return x, self.top + self.height / 2 - (latitude - (south + north) / 2) * self.per_degree


def locator(figure_id: str, data: LocatorData, captions: Captions, *, lang: str, alt: str = "") -> Figure:
    """Return the map of where a territory lies; the facts in its table say the same in words.

    A territory too small to be seen on the map gets a dot, and a close-up below with its shape, its neighbours and a
    scale. Raises `ValueError` when the territory has no geometry.
    """
    if data.place is None or data.place.is_empty:
        raise ValueError(f"{data.territory}: no geometry to put on a map")
    text = alt or alternative.locator(data, lang)
    whole = _whole(data)
    is_tiny = _is_area(data.place) and _size(whole, data.place) < TINY
    with drawing(whole.height + 2 * PADDING + (INSET_HEIGHT if is_tiny else 0.0), WIDTH) as board:
        _draw_map(board, whole, data, is_tiny=is_tiny)
        if is_tiny:
            _draw_close_up(board, whole, data, lang)
        picture = board.svg(figure_id, text, kind="map")
    return chart_figure(figure_id, captions, alt=text, data=_table(data, lang), svg=picture)


def _whole(data: LocatorData) -> Window:
    bounds = _around([*(data.outlines or data.others), data.place], 0.0)
    sized = Window(bounds, PADDING, PADDING, WIDTH - 2 * PADDING, MAP_HEIGHT)
    height = min(MAP_HEIGHT, max(60.0, (bounds[3] - bounds[1]) * sized.per_degree))
    return Window(bounds, PADDING, PADDING, WIDTH - 2 * PADDING, height)


def _around(shapes: Iterable[Any], least: float) -> Bounds:
    every = [shape.bounds for shape in shapes if not shape.is_empty]
    west, south = min(one[0] for one in every), min(one[1] for one in every)
    east, north = max(one[2] for one in every), max(one[3] for one in every)
    margin = max(0.0, (least - (north - south)) / 2, 1e-3)
    return west - margin, south - margin, east + margin, north + margin


def _is_area(shape: Any) -> bool:
    return bool(shape.area > 0)


def _size(window: Window, shape: Any) -> float:
    west, south, east, north = shape.bounds
    return float(max((east - west) * window.squeeze, north - south) * window.per_degree)


def _draw_map(board: Canvas, window: Window, data: LocatorData, *, is_tiny: bool) -> None:
    for outline in data.outlines:
        _draw_shape(board, window, outline, "wash", "rule", 1.2)
    for x, y in _dots(window, data.others):
        board.mark(x, y, "quiet", size=3.2)
    if _is_area(data.place) and not is_tiny:
        _draw_shape(board, window, data.place, "mine", "paper", 0.8)
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
            _draw_shape(board, frame, other.intersection(view), "half", "wash", 0.8)
    _draw_shape(board, frame, data.place, "mine", "wash", 0.8)
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


def _draw_shape(board: Canvas, window: Window, shape: Any, fill: str, edge: str, width: float) -> None:
    rings = _rings(window, shape)
    if rings:
        board.outline(rings, fill, edge, width)


def _rings(window: Window, shape: Any) -> list[Ring]:
    """Return the rings of a shape in picture units, simplified to what the eye can tell; specks are left out."""
    from shapely import Polygon

    found: list[Ring] = []
    for polygon in getattr(shape, "geoms", [shape]):
        if polygon.geom_type != "Polygon" or polygon.is_empty:
            continue
        drawn = [
            Polygon([window.at(*place[:2]) for place in ring.coords]) for ring in (polygon.exterior, *polygon.interiors)
        ]
        found += [_corners(ring.simplify(0.7)) for ring in drawn if ring.area >= 2]
    return found


def _corners(ring: Any) -> Ring:
    return [(float(x), float(y)) for x, y in ring.exterior.coords[:-1]]


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
