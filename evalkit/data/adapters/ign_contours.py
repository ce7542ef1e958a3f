"""IGN, simplified contours: communes (2018), departments, groups of communes (2025), the outline of metropolitan France."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.data.adapters.places import (
    COUNTRIES,
    COUNTRY,
    DEPARTMENT,
    EPCI,
    Place,
    department_of_commune,
    parents_of_department,
    territory_frame,
)
from evalkit.data.adapters.tables import Opened, drawn, joined, repeated
from evalkit.data.codes import ROWS_LEFT_OUT
from evalkit.data.delivery import TERRITORY_KEY, Delivery, SourceFile
from evalkit.data.reading import Given, features_of, shapes_of
from evalkit.data.registry import Dataset
from evalkit.errors import Problem
from evalkit.model.territory import Parent
from evalkit.text import Quantity, msg

COMMUNE_EDITION = "2018"
OUTLINE = "M"
SETTINGS = {
    "communes": ("commune", COMMUNE_EDITION, "nom"),
    "departments": ("department", DEPARTMENT, "nom"),
    "epci": ("epci", EPCI, "EPCIlib"),
}
GRAND_PARIS = frozenset(
    {
        "200057867", "200057875", "200057941", "200057966", "200057974", "200057982", "200057990", "200058006",
        "200058014", "200058097", "200058790",
    }
)  # fmt: skip


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read any of the maps; the communes keep the year of their edition as geography."""
    opened = Opened(files, dataset)
    vintage = dataset.vintage or ""
    frames, problems = [], [*opened.problems()]
    for given in opened.given:
        places, found = _places(given, dataset)
        frames.append(territory_frame(places, dataset, vintage, given.file))
        problems.extend(found)
    territories = joined(frames)
    again = territories.duplicated(list(TERRITORY_KEY))
    problems.extend(repeated(territories.loc[again, "code"], None))
    kept = territories[~again].sort_values(["level", "geography", "code"], kind="stable")
    return Delivery(vintage, territories=kept.reset_index(drop=True), problems=tuple(problems))


def _places(given: Given, dataset: Dataset) -> tuple[list[Place], list[Problem]]:
    role = given.spec.role
    if role == "outline":
        features = features_of(given.content, given.file, dataset.landing_page)[:1]
        shapes, problems = shapes_of(features, [OUTLINE], given.file, dataset.landing_page)
        return [Place(OUTLINE, "country", COUNTRY, COUNTRIES[OUTLINE], shape=shapes.get(OUTLINE))], problems
    features, codes = drawn(given, dataset)
    shapes, problems = shapes_of(features, codes, given.file, dataset.landing_page)
    level, geography, name = SETTINGS[role]
    places = [
        Place(code, level, geography, str(item.properties[name]), _parents(level, code), (), shapes.get(code))
        for code, item in zip(codes, features, strict=True)
        if role != "epci" or _is_epci(code)
    ]
    if len(places) < len(features):
        reason = msg("they are parts of the Métropole du Grand Paris, not groups of communes with own taxes")
        left_out = {"count": Quantity(len(features) - len(places), "count"), "reason": reason}
        problems.append(Problem(ROWS_LEFT_OUT, left_out, given.file.name))
    return places, problems


def _is_epci(code: str) -> bool:
    """Say whether a code is a group of communes; Paris (75056) and the parts of the Métropole du Grand Paris are not."""
    return len(code) == 9 and code not in GRAND_PARIS


def _parents(level: str, code: str) -> tuple[Parent, ...]:
    if level == "commune":
        return parents_of_department(department_of_commune(code))
    return parents_of_department(code, with_department=False) if level == "department" else ()
