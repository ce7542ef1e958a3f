"""A TopoJSON decoder: arcs (plain or quantised) to GeoJSON geometries.

After the format description at https://github.com/topojson/topojson-specification (sections 2.1.2 and 2.1.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

Position = tuple[float, float]
_EMPTY: Mapping[str, Any] = {}


def topology_features(topology: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], dict[str, Any] | None]]:
    """Return (properties, geometry) of every geometry of every object, in the order of the file."""
    arcs = _decode_arcs(topology)
    transform = _transform(topology)
    for _, item in sorted(topology.get("objects", _EMPTY).items()):
        members = item.get("geometries", []) if item.get("type") == "GeometryCollection" else [item]
        for member in members:
            yield member.get("properties") or _EMPTY, _geometry(member, arcs, transform)


def _transform(topology: Mapping[str, Any]) -> Callable[[Sequence[float]], Position]:
    """Return the function that turns a quantised position into longitude and latitude."""
    found = topology.get("transform")
    if found is None:
        return lambda position: (position[0], position[1])
    (scale_x, scale_y), (shift_x, shift_y) = found["scale"], found["translate"]
    return lambda position: (position[0] * scale_x + shift_x, position[1] * scale_y + shift_y)


def _decode_arcs(topology: Mapping[str, Any]) -> list[list[Position]]:
    """Return the arcs as positions; quantised arcs hold the differences from one position to the next."""
    place = _transform(topology)
    if "transform" not in topology:
        return [[place(position) for position in arc] for arc in topology["arcs"]]
    return [[place(position) for position in accumulate(arc, _step)] for arc in topology["arcs"]]


def _step(before: Sequence[float], move: Sequence[float]) -> tuple[float, float]:
    return before[0] + move[0], before[1] + move[1]


def _geometry(
    item: Mapping[str, Any], arcs: list[list[Position]], transform: Callable[[Sequence[float]], Position]
) -> dict[str, Any] | None:
    """Return one geometry as GeoJSON; a null geometry is None, an unknown kind is refused."""
    kind = item.get("type")
    if kind is None:
        return None
    coordinates: Any
    if kind == "Polygon":
        coordinates = [_line(ring, arcs) for ring in item["arcs"]]
    elif kind == "MultiPolygon":
        coordinates = [[_line(ring, arcs) for ring in polygon] for polygon in item["arcs"]]
    elif kind == "LineString":
        coordinates = _line(item["arcs"], arcs)
    elif kind == "MultiLineString":
        coordinates = [_line(line, arcs) for line in item["arcs"]]
    elif kind == "Point":
        coordinates = transform(item["coordinates"])
    else:
        raise ValueError(f"a topology geometry of kind {kind} cannot be read")
    return {"type": kind, "coordinates": coordinates}


def _line(indices: Sequence[int], arcs: list[list[Position]]) -> list[Position]:
    """Join arcs into one line; a negative index is the arc backwards, and joints are written once."""
    line: list[Position] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        line.extend(arc if not line else arc[1:])
    return line
