"""Maps: the features of a GeoJSON or TopoJSON document, and their contours as WKB in WGS84."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.data.codes import BAD_GEOMETRY, RING_REPAIRED
from evalkit.data.delivery import SourceFile
from evalkit.data.reading.container import Content
from evalkit.data.topojson import topology_features
from evalkit.errors import Problem


@dataclass(frozen=True)
class Feature:
    """One feature of a map: its properties and its GeoJSON geometry (None: it has no contour)."""

    properties: Mapping[str, Any]
    geometry: Mapping[str, Any] | None


@dataclass(frozen=True)
class Shape:
    """A contour as WKB, with a point that lies inside it."""

    wkb: bytes
    longitude: float
    latitude: float


def features_of(content: Content) -> tuple[Feature, ...]:
    """Return the features of a map document."""
    document = content.document
    if document["type"] == "Topology":
        return tuple(Feature(properties, geometry) for properties, geometry in topology_features(document))
    items = [document] if document["type"] == "Feature" else document.get("features", [])
    return tuple(Feature(item.get("properties") or {}, item.get("geometry")) for item in items)


def shapes_of(
    features: Sequence[Feature], codes: Sequence[str], file: SourceFile, page: str
) -> tuple[dict[str, Shape], list[Problem]]:
    """Return the contour of each code; a ring that crosses itself is repaired, and said so. One that cannot be read is refused."""
    from evalkit.data.reading.table import refuse

    shapes: dict[str, Shape] = {}
    bad: list[Problem] = []
    repaired: list[str] = []
    for feature, code in zip(features, codes, strict=True):
        if feature.geometry is None or code in shapes:
            continue
        try:
            shapes[code], mended = _shape(feature.geometry)
        except (ValueError, TypeError, KeyError, IndexError) as error:
            bad.append(Problem(BAD_GEOMETRY, {"code": code, "reason": str(error), "page": page}, file.name))
            continue
        if mended:
            repaired.append(code)
    refuse(bad)
    problems = (
        [Problem(RING_REPAIRED, {"count": len(repaired), "codes": sorted(repaired)}, file.name)] if repaired else []
    )
    return shapes, problems


def _shape(geometry: Mapping[str, Any]) -> tuple[Shape, bool]:
    import shapely
    from shapely.geometry import shape

    made = shape(geometry)
    if made.is_empty:
        raise ValueError("no coordinates")
    west, south, east, north = made.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("coordinates outside longitude and latitude")
    mended = not made.is_valid
    if mended:
        made = _surfaces(shapely.make_valid(made))
    point = made.representative_point()
    wkb = shapely.to_wkb(shapely.normalize(made), byte_order=1, output_dimension=2)
    return Shape(bytes(wkb), round(point.x, 6), round(point.y, 6)), mended


def _surfaces(made: Any) -> Any:
    """Keep the surfaces of a repaired contour; the stray lines that a repair leaves are dropped."""
    import shapely

    if made.geom_type != "GeometryCollection":
        return made
    parts = [part for part in made.geoms if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.union_all(parts) if parts else made
