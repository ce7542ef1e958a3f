"""The map of a portfolio: outlines, the territories by their contours where these can be seen, by marks elsewhere, and insets of dense towns."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from evalkit.report.labels import READING_LABELS
from evalkit.report.portfolio_marks import draw_marks, rings_path, svg
from evalkit.report.portfolio_model import PortfolioModel, Ring
from evalkit.report.portfolio_rows import Row
from evalkit.text import nmsg

Point = tuple[float, float]

_WIDTH, _HEIGHT, _EDGE, _RADIUS = 840.0, 880.0, 16.0, 9
_INSET, _INSET_EDGE = 420.0, 18.0
_MOST_INSETS, _FEWEST_IN_INSET = 6, 4
_VISIBLE = 14.0  # units across from which a contour says more than a mark
_MOST_INSETS_FROM = 400  # beyond so many territories the towns have pages of their own to look at


@dataclass(frozen=True)
class Inset:
    """A town with several territories, drawn larger."""

    name: str
    count: int
    picture: Markup


def draw_map(model: PortfolioModel, rows: Sequence[Row]) -> Markup | None:
    """Draw where the territories are, on the outlines that were given; None when no territory has a place."""
    placed = _placed(rows)
    if not placed:
        return None
    corners = [point for ring in model.outlines for point in ring] + [_point(row) for row in placed]
    place, width, height = projection(corners, _WIDTH, _HEIGHT, _EDGE)
    land = Markup('<path class="land" d="{}"/>').format(rings_path(map(place, ring) for ring in model.outlines))
    label = nmsg("Map of {n} territory", "Map of {n} territories", len(placed)).render(model.lang)
    parts = [land, *_territories(model, placed, place, _RADIUS)]
    return svg("map", width, height, label, parts)


def draw_insets(model: PortfolioModel, rows: Sequence[Row]) -> tuple[Inset, ...]:
    """Draw the towns with most territories larger: at the scale of a region their districts cannot be told apart."""
    placed = _placed(rows)
    if len(placed) > _MOST_INSETS_FROM:
        return ()
    towns: dict[str, list[Row]] = defaultdict(list)
    for row in placed:
        towns[row.task.commune].append(row)
    dense = [name for name, held in towns.items() if name and _FEWEST_IN_INSET <= len(held) < len(placed)]
    chosen = sorted(dense, key=lambda name: (-len(towns[name]), name))[:_MOST_INSETS]
    return tuple(_inset(model, name, towns[name]) for name in chosen)


def _inset(model: PortfolioModel, name: str, rows: Sequence[Row]) -> Inset:
    corners = [point for row in rows for ring in model.shapes.get(row.code, ()) for point in ring]
    place, width, height = projection(corners + [_point(row) for row in rows], _INSET, _INSET, _INSET_EDGE)
    label = nmsg("Map of {n} territory", "Map of {n} territories", len(rows)).render(model.lang)
    picture = svg("map", width, height, f"{label}, {name}", _territories(model, rows, place, _RADIUS))
    return Inset(name, len(rows), picture)


def _placed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.task.longitude is not None and row.task.latitude is not None]


def _point(row: Row) -> Point:
    assert row.task.longitude is not None
    assert row.task.latitude is not None
    return row.task.longitude, row.task.latitude


def _territories(
    model: PortfolioModel, rows: Sequence[Row], place: Callable[[Point], Point], radius: int
) -> list[Markup]:
    """Return contours for the territories whose contour can be seen at this scale, marks for all the others."""
    shapes, marks = [], []
    for row in rows:
        rings = [[place(point) for point in ring] for ring in model.shapes.get(row.code, ())]
        reading = row.reading or "same"
        if rings and _across(rings) >= _VISIBLE:
            shapes.append(_shape(row, rings, reading))
        else:
            x, y = place(_point(row))
            marks.append((x, y, reading, row.code, row.task.name))
    return [*shapes, draw_marks(marks, radius)]


def _shape(row: Row, rings: Sequence[Sequence[Point]], reading: str) -> Markup:
    css = READING_LABELS[reading].css
    return Markup('<path class="area mark-{}" data-code="{}" d="{}"><title>{}</title></path>').format(
        css, row.code, rings_path(rings), row.task.name
    )


def _across(rings: Sequence[Sequence[Point]]) -> float:
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(max(xs) - min(xs), max(ys) - min(ys))


def projection(
    corners: Sequence[Point] | Ring, most_wide: float, most_high: float, edge: float
) -> tuple[Callable[[Point], Point], float, float]:
    """Return the function from degrees to the drawing, and the drawing's size (equal scale both ways at the middle latitude)."""
    west, east = min(x for x, _ in corners), max(x for x, _ in corners)
    south, north = min(y for _, y in corners), max(y for _, y in corners)
    narrow = math.cos(math.radians((south + north) / 2))
    across, up = max((east - west) * narrow, 1e-6), max(north - south, 1e-6)
    scale = min((most_wide - 2 * edge) / across, (most_high - 2 * edge) / up)

    def place(point: Point) -> Point:
        return edge + (point[0] - west) * narrow * scale, edge + (north - point[1]) * scale

    return place, across * scale + 2 * edge, up * scale + 2 * edge
