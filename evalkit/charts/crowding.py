"""Where the dots of a map crowd: the windows to be drawn again, larger, beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.charts.mapping import Bounds, Window, around

REACH, LEAST, MOST = 16.0, 6, 3
MARGIN = 0.12
Cell = tuple[int, int]


@dataclass(frozen=True)
class Inset:
    """A part of the world to be drawn again, larger; `count` is how many territories it holds."""

    bounds: Bounds
    count: int

    def holds(self, shape: Any) -> bool:
        """Say whether the middle of a shape lies inside."""
        point = shape.representative_point()
        west, south, east, north = self.bounds
        return bool(west <= point.x <= east and south <= point.y <= north)


def insets(window: Window, shapes: Sequence[Any]) -> list[Inset]:
    """Return up to three crowded places, from west to east: six dots or more in a square of a thumb's width."""
    cells: dict[Cell, list[Any]] = {}
    for shape in shapes:
        point = shape.representative_point()
        x, y = window.at(point.x, point.y)
        cells.setdefault((int(x // REACH), int(y // REACH)), []).append(shape)
    found: list[Inset] = []
    while cells and len(found) < MOST:
        first = max(sorted(cells), key=lambda one: sum(len(cells.get(cell, ())) for cell in _square(one)))
        crowd = [shape for cell in _square(first) for shape in cells.pop(cell, [])]
        if len(crowd) < LEAST:
            break
        west, south, east, north = around(crowd, 0.0)
        grow = MARGIN * max(east - west, north - south)
        found.append(Inset((west - grow, south - grow, east + grow, north + grow), len(crowd)))
    return sorted(found, key=lambda one: one.bounds)


def _square(cell: Cell) -> list[Cell]:
    return [(cell[0] + right, cell[1] + down) for right in (0, 1) for down in (0, 1)]
