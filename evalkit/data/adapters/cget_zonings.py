"""CGET/ANCT, perimeters of 2020: contrats de ville, free zones (ZFU), Action cœur de ville and others, list and contours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evalkit.data.adapters.places import Place, territory_frame
from evalkit.data.adapters.tables import Opened, add_counts, drawn, left_aside, repeated
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import Given, Shape, Table, shapes_of
from evalkit.data.registry import Dataset
from evalkit.errors import Problem
from evalkit.model.territory import Parent

CONTRACT, CONTRACT_GEOGRAPHY = "contract", "2015"
ZONE, ZONE_GEOGRAPHY = "zone", "2020"
TAGS = {"cv": "contrat_de_ville"}


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the list, the contours, or both; a code on several lines (one for each signature) is one territory."""
    opened = Opened(files, dataset)
    vintage = dataset.vintage or ""
    shapes: dict[str, Shape] = {}
    problems: list[Problem] = [*opened.problems()]
    drawn: dict[str, Place] = {}
    for given in opened.role("contours"):
        found, warnings = _contours(given, dataset)
        shapes.update({code: shape for code, (_, shape) in found.items() if shape is not None})
        drawn.update({code: place for code, (place, _) in found.items()})
        problems.extend(warnings)
    listed: dict[str, Place] = {}
    tables = opened.tables("list")
    for table in tables:
        problems.extend(
            (*table.problems, *repeated(table.frame.loc[table.frame["id"].duplicated(), "id"], table.file.name, "$.id"))
        )
        for place in _listed(table):
            listed.setdefault(place.code, place)
    places = [_with_shape(place, shapes) for place in {**drawn, **listed}.values()]
    return Delivery(
        vintage,
        territories=territory_frame(places, dataset, vintage, opened.given[0].file),
        problems=tuple(problems),
        skipped=add_counts(*(left_aside(table, ["id", "lib", "layer", "info1"]) for table in tables)),
    )


def _with_shape(place: Place, shapes: dict[str, Shape]) -> Place:
    return Place(
        place.code, place.level, place.geography, place.name, place.parents, place.tags, shapes.get(place.code)
    )


def _place(code: str, name: str, layer: str, about: str) -> Place:
    """Return a contract, or a zone; a contract names the group of communes of 2015 that holds it."""
    tags = (TAGS.get(layer, layer),)
    if layer != "cv":
        return Place(code, ZONE, ZONE_GEOGRAPHY, name, (), tags)
    holder = re.search(r"\b(\d{9})\b", about)
    parents = (Parent("epci", holder.group(1), CONTRACT_GEOGRAPHY, None),) if holder else ()
    return Place(code, CONTRACT, CONTRACT_GEOGRAPHY, name, parents, tags)


def _listed(table: Table) -> Iterator[Place]:
    for code, name, layer, about in table.frame[["id", "lib", "layer", "info1"]].itertuples(index=False):
        yield _place(code, name, layer, about)


def _contours(given: Given, dataset: Dataset) -> tuple[dict[str, tuple[Place, Shape | None]], list[Problem]]:
    features, codes = drawn(given, dataset)
    shapes, problems = shapes_of(features, codes, given.file, dataset.landing_page)
    found: dict[str, tuple[Place, Shape | None]] = {}
    for code, item in zip(codes, features, strict=True):
        layer = re.sub(r"[^a-z]", "", code.lower())
        place = _place(code, str(item.properties.get("lib") or ""), layer, str(item.properties.get("info2") or ""))
        found.setdefault(code, (place, shapes.get(code)))
    return found, problems
