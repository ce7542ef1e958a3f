"""Territories and what contains them: departments, the regions before and since 2016, communes, groups of communes."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from evalkit.data.delivery import TERRITORY_COLUMNS, SourceFile, frame
from evalkit.data.reading import Shape
from evalkit.data.registry import Dataset
from evalkit.model.territory import Parent

QPV = "2015"
COMMUNE = "2025"
EPCI = "2025"
DEPARTMENT = "2016"
REGION_BEFORE = "2015"
REGION = "2016"
COUNTRY = "2016"
URBAN_UNIT = "2020"
COUNTRIES: Mapping[str, str] = {
    "F": "France",
    "M": "France métropolitaine",
    "P": "France de province",
}
_TABLE = Path(__file__).parent.parent / "tables" / "regions.yaml"


@dataclass(frozen=True)
class Place:
    """A territory as an adapter knows it; `name` None: the file does not say it."""

    code: str
    level: str
    geography: str
    name: str | None = None
    parents: tuple[Parent, ...] = ()
    tags: tuple[str, ...] = ()
    shape: Shape | None = None
    point: tuple[float, float] | None = None


@functools.cache
def _regions() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return loaded


def department_of_qpv(code: str) -> str:
    """Return the department in the code of a district: `QP034005` is in 34, `QP02A003` in 2A, `QP974001` in 974."""
    return code[2:5].removeprefix("0")


def department_of_commune(code: str) -> str:
    """Return the department in the code of a commune or of an IRIS: 01004 is in 01, 2A004 in 2A, 97105 in 971."""
    return code[:3] if code.startswith("97") else code[:2]


@functools.cache
def parents_of_department(code: str, *, with_department: bool = True) -> tuple[Parent, ...]:
    """Return the department as a parent, with its region before 2016 and its region since; empty when it is unknown."""
    known = _regions()["departments"].get(code)
    if known is None:
        return ()
    own = (Parent("department", code, DEPARTMENT),) if with_department else ()
    return (*own, Parent("region", known[1], REGION_BEFORE), Parent("region", known[2], REGION))


def region_before(department: str) -> str | None:
    """Return the code of the region that a department belonged to before 2016."""
    known = _regions()["departments"].get(department)
    return None if known is None else str(known[1])


def regions_before() -> Mapping[str, str]:
    """Return the names of the regions before 2016 by code."""
    return _regions()["regions_2015"]


def administrative_places() -> list[Place]:
    """Return the departments and the regions, before 2016 and since."""
    table = _regions()
    departments = [
        Place(code, "department", DEPARTMENT, known[0], parents_of_department(code, with_department=False))
        for code, known in table["departments"].items()
    ]
    before = [Place(code, "region", REGION_BEFORE, name) for code, name in table["regions_2015"].items()]
    since = [Place(code, "region", REGION, name) for code, name in table["regions_2016"].items()]
    return [*departments, *before, *since]


@functools.lru_cache(maxsize=4096)
def parents_text(parents: tuple[Parent, ...]) -> str:
    """Return parents as JSON text, sorted."""
    items = sorted(set(parents), key=lambda item: (item.level, item.geography, item.code))
    return json.dumps(
        [{"level": p.level, "code": p.code, "geography": p.geography, "share": p.share} for p in items],
        ensure_ascii=False,
    )


def territory_frame(places: Sequence[Place], dataset: Dataset, vintage: str, file: SourceFile) -> pd.DataFrame:
    """Return territories as the warehouse holds them, in the order of their keys."""
    items = sorted(places, key=lambda item: (item.level, item.geography, item.code))
    points = [_point(item) for item in items]
    return frame(
        TERRITORY_COLUMNS,
        {
            "code": [item.code for item in items],
            "level": [item.level for item in items],
            "geography": [item.geography for item in items],
            "name": [item.name for item in items],
            "parents": [parents_text(item.parents) for item in items],
            "tags": [json.dumps(sorted(set(item.tags)), ensure_ascii=False) for item in items],
            "longitude": [point[0] for point in points],
            "latitude": [point[1] for point in points],
            "geometry": [None if item.shape is None else item.shape.wkb for item in items],
            "synthetic": [dataset.synthetic] * len(items),
            "source": [dataset.id] * len(items),
            "vintage": [vintage] * len(items),
            "file_sha256": [file.sha256] * len(items),
        },
    )


def _point(item: Place) -> tuple[float | None, float | None]:
    if item.point is not None:
        return item.point
    return (None, None) if item.shape is None else (item.shape.longitude, item.shape.latitude)
