"""Where the territory is: its contour or its point, among the others, on the outline of its departments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.charts import Captions, LocatorData
from evalkit.charts import locator as draw
from evalkit.model.figure import Figure
from evalkit.notebook.reading import Reader
from evalkit.plan import resolve_territories
from evalkit.text import msg

if TYPE_CHECKING:
    from evalkit.notebook.evaluation import Evaluation

_OUTLINES = ("department", "epci", "commune")


def has_place(reader: Reader) -> bool:
    """Say whether the territory can be put on a map."""
    return reader.territory.code in shapes_of(reader, [reader.territory.code])


def locator_figure(ev: Evaluation, reader: Reader) -> Figure:
    """Return the locator map."""
    lang, place = ev.language, reader.territory
    codes = [place.code, *(code for code in resolve_territories(reader.plan, reader.warehouse) if code != place.code)]
    shapes = shapes_of(reader, codes)
    data = LocatorData(
        territory=place.name,
        place=shapes[place.code],
        others=tuple(shape for code, shape in shapes.items() if code != place.code),
        outlines=tuple(outlines_of(reader, codes)),
        facts=tuple(_facts(reader, lang)),
        others_label=msg("the other territories of the evaluation").render(lang),
    )
    captions = Captions(
        title=msg("Where {name} is", name=place.name).render(lang),
        subtitle=msg("{name}, in blue, among the territories of the evaluation", name=place.name).render(lang),
        source=msg("contours: see the sources of this report").render(lang),
    )
    return draw("locator", data, captions, lang=lang)


def shapes_of(reader: Reader, codes: list[str]) -> dict[str, Any]:
    """Return the contour of each territory, else its point; those that have neither are left out."""
    from shapely import Point

    level, geography = reader.territory.level, reader.territory.geography
    found = reader.warehouse.geometries(level, geography, sorted(codes))  # in the same words for every territory
    missing = sorted(code for code in codes if code not in found)
    for code, place in reader.warehouse.places(level, geography, missing).items() if missing else ():
        if place.longitude is not None and place.latitude is not None:
            found[code] = Point(place.longitude, place.latitude)
    return {code: found[code] for code in codes if code in found}


def outlines_of(reader: Reader, codes: list[str]) -> list[Any]:
    """Return the contours of the departments that hold the territories (else EPCI, else communes), each once."""
    places = reader.warehouse.places(reader.territory.level, reader.territory.geography, sorted(codes)).values()
    for level in _OUTLINES:
        parents = {(p.geography, p.code) for place in places for p in place.parents_at(level)}
        shapes = [
            shape
            for geography in sorted({geography for geography, _ in parents})
            for shape in reader.warehouse.geometries(
                level, geography, sorted(c for g, c in parents if g == geography)
            ).values()
        ]
        if shapes:
            return shapes
    return []


def _facts(reader: Reader, lang: str) -> list[tuple[str, str]]:
    words = {
        "commune": msg("Commune"),
        "epci": msg("Intermunicipality"),
        "department": msg("Department"),
        "region": msg("Region"),
    }
    found = []
    for level, word in words.items():
        names = [reader.warehouse.name(p.level, p.code, p.geography) for p in reader.territory.parents_at(level)]
        if names:
            found.append((word.render(lang), ", ".join(dict.fromkeys(names))))
    return found
