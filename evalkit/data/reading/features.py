"""Maps: the features of a GeoJSON or TopoJSON document, and their contours as WKB in WGS84."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.data.codes import BAD_CODE, BAD_GEOMETRY, BAD_MAP, RING_REPAIRED
from evalkit.data.delivery import SourceFile
from evalkit.data.reading.container import Content
from evalkit.data.reading.table import refuse
from evalkit.data.topojson import topology_features
from evalkit.errors import DataError, Problem
from evalkit.text import Quantity, msg


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


def features_of(content: Content, file: SourceFile, page: str) -> tuple[Feature, ...]:
    """Return the features of a map document; refused when it is not built as its format says."""
    document = content.document
    try:
        if document["type"] == "Topology":
            return tuple(Feature(properties, geometry) for properties, geometry in topology_features(document))
        items = [document] if document["type"] == "Feature" else document["features"]
        return tuple(Feature(item.get("properties") or {}, item.get("geometry")) for item in items)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise DataError.of(BAD_MAP, file=file.name, reason=repr(error), page=page) from error


def codes_of(features: Sequence[Feature], key: str, pattern: str, example: str, file: SourceFile) -> list[str]:
    """Return the code of each feature as text; every one that does not have the form of such a code is refused."""
    codes = [re.sub(r"^(\d+)\.0+$", r"\1", str(item.properties.get(key, ""))) for item in features]
    expected = msg("a code like {example}", example=example)
    refuse(
        [
            Problem(BAD_CODE, {"code": code or '""', "column": key, "expected": expected}, file.name)
            for code in codes
            if re.fullmatch(pattern, code) is None
        ]
    )
    return codes


def shapes_of(
    features: Sequence[Feature], codes: Sequence[str], file: SourceFile, page: str
) -> tuple[dict[str, Shape], list[Problem]]:
    """Return the contour of each code; a ring that crosses itself is repaired, and said so. One that cannot be read is refused."""
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
        [Problem(RING_REPAIRED, {"count": Quantity(len(repaired), "count"), "codes": sorted(repaired)[:5]}, file.name)]
        if repaired
        else []
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
