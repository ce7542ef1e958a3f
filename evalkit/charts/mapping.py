"""Maps without tiles: a window on the world, and the shapes of territories in picture units."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from evalkit.charts.canvas import Canvas

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


def around(shapes: Iterable[Any], least: float) -> Bounds:
    """Return the bounds of shapes, `least` degrees high at least."""
    every = [shape.bounds for shape in shapes if not shape.is_empty]
    west, south = min(one[0] for one in every), min(one[1] for one in every)
    east, north = max(one[2] for one in every), max(one[3] for one in every)
    margin = max(0.0, (least - (north - south)) / 2, 1e-3)
    return west - margin, south - margin, east + margin, north + margin


def is_area(shape: Any) -> bool:
    """Say whether a shape has a surface."""
    return bool(shape.area > 0)


def size(window: Window, shape: Any) -> float:
    """Return the longer side of a shape in picture units."""
    west, south, east, north = shape.bounds
    return float(max((east - west) * window.squeeze, north - south) * window.per_degree)


def draw_shape(board: Canvas, window: Window, shape: Any, fill: str | None, edge: str, width: float) -> None:
    """Draw a shape; one that is smaller than a speck is left out."""
    found = rings(window, shape)
    if found:
        board.outline(found, fill, edge, width)


def rings(window: Window, shape: Any) -> list[Ring]:
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
