"""Contours of the fictitious country, in the open Atlantic where no district can be: nobody takes the map for a real one."""

from __future__ import annotations

import numpy as np

from evalkit.data.demo.places import COMMUNES_PER_EPCI, EPCI_PER_DEPARTMENT, Places
from evalkit.data.demo.settings import Floats, Integers, Parameters, generator

WEST, SOUTH = -30.0, 41.0
CELL = (0.12, 0.14)
_CORNERS = 10
_SPOTS = np.array([(0.18, 0.28), (0.5, 0.72), (0.82, 0.28), (0.18, 0.72), (0.5, 0.28), (0.82, 0.72)])


def draw_contours(parameters: Parameters, places: Places, households: Floats) -> dict[str, tuple[Floats, list[bytes]]]:
    """Return, per level, the centres (longitude, latitude) and the contours as WKB, in the order of the codes."""
    import shapely

    random = generator(parameters, 14)
    wide = int(np.ceil(np.sqrt(len(places.departments))))
    high = -(-len(places.departments) // wide)
    lattice = _lattice(random, EPCI_PER_DEPARTMENT * high, COMMUNES_PER_EPCI * wide)
    rings = {
        "commune": [
            _ring(lattice, *_cell(int(places.epci[c]), c % COMMUNES_PER_EPCI, wide), 1, 1)
            for c in range(len(places.communes))
        ],
        "epci": [_ring(lattice, *_cell(e, 0, wide), 1, COMMUNES_PER_EPCI) for e in range(len(places.epcis))],
        "department": [
            _ring(lattice, *_cell(d * EPCI_PER_DEPARTMENT, 0, wide), EPCI_PER_DEPARTMENT, COMMUNES_PER_EPCI)
            for d in range(len(places.departments))
        ],
    }
    rings["qpv"] = list(_districts(random, places, np.array(rings["commune"])[:, :4], households))
    found = {}
    for level, contours in rings.items():
        polygons = shapely.polygons([shapely.linearrings(ring) for ring in contours])
        centres = shapely.get_coordinates(shapely.centroid(polygons))
        found[level] = (np.round(centres, 6), list(shapely.to_wkb(polygons, byte_order=1)))
    return found


def _lattice(random: np.random.Generator, rows: int, columns: int) -> Floats:
    """Return the corners of a grid of communes, each moved a little, so that neighbours share their borders."""
    down, across = np.mgrid[0 : rows + 1, 0 : columns + 1].astype(np.float64)
    moved = np.stack([across, down], axis=-1) + random.uniform(-0.16, 0.16, (rows + 1, columns + 1, 2))
    return np.asarray(np.round(np.array([WEST, SOUTH]) + moved * np.array(CELL), 6), dtype=np.float64)


def _cell(epci: int, column: int, wide: int) -> tuple[int, int]:
    department, line = divmod(epci, EPCI_PER_DEPARTMENT)
    row, place = divmod(department, wide)
    return EPCI_PER_DEPARTMENT * row + line, COMMUNES_PER_EPCI * place + column


def _ring(lattice: Floats, row: int, column: int, rows: int, columns: int) -> Floats:
    """Return the border of a block of cells, counter-clockwise from its south-west corner, closed."""
    south = lattice[row, column : column + columns]
    east = lattice[row : row + rows, column + columns]
    north = lattice[row + rows, column + columns : column : -1]
    west = lattice[row + rows : row : -1, column]
    return np.concatenate([south, east, north, west, lattice[row, column][None]])


def _districts(random: np.random.Generator, places: Places, corners: Floats, households: Floats) -> Floats:
    """Return rounded contours inside the communes; the area follows the number of households.

    A district is drawn in a unit square, which is then laid on the four corners of its commune.
    """
    rank: Integers = np.arange(len(places.commune)) - places.first_district[places.commune]
    centre = _SPOTS[rank] + random.uniform(-0.015, 0.015, (len(rank), 2))
    radius = 0.1 * np.clip(np.sqrt(households / 2_000), 0.15, 1.3)
    angle = 2 * np.pi * np.arange(_CORNERS) / _CORNERS
    reach = radius[:, None] * random.uniform(0.75, 1.1, (len(rank), _CORNERS))
    points = centre[:, None, :] + reach[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    across, up = points[..., :1], points[..., 1:]
    south_west, south_east, north_east, north_west = (corners[places.commune][:, None, k] for k in range(4))
    south = south_west * (1 - across) + south_east * across
    north = north_west * (1 - across) + north_east * across
    laid = south * (1 - up) + north * up
    return np.round(np.concatenate([laid, laid[:, :1]], axis=1), 6)
