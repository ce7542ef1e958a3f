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
    return _shape(reader, reader.territory.code) is not None


def locator_figure(ev: Evaluation, reader: Reader) -> Figure:
    """Return the locator map."""
    lang, place = ev.language, reader.territory
    codes = [code for code in resolve_territories(reader.plan, reader.warehouse) if code != place.code]
    others = [shape for code in codes if (shape := _shape(reader, code)) is not None]
    data = LocatorData(
        territory=place.name,
        place=_shape(reader, place.code),
        others=tuple(others),
        outlines=tuple(_outlines(reader, [place.code, *codes])),
        facts=tuple(_facts(reader, lang)),
        others_label=msg("the other territories of the evaluation").render(lang),
    )
    captions = Captions(
        title=msg("Where {name} is", name=place.name).render(lang),
        subtitle=msg("{name}, in blue, among the territories of the evaluation", name=place.name).render(lang),
        source=msg("contours: see the sources of this report").render(lang),
    )
    return draw("locator", data, captions, lang=lang)


def _shape(reader: Reader, code: str) -> Any:
    territory = reader.territory
    shape = reader.warehouse.geometry(territory.level, code, territory.geography)
    if shape is not None:
        return shape
    place = reader.warehouse.territory(territory.level, code, territory.geography)
    if place is None or place.longitude is None or place.latitude is None:
        return None
    from shapely import Point

    return Point(place.longitude, place.latitude)


def _outlines(reader: Reader, codes: list[str]) -> list[Any]:
    """Return the contours of the departments that hold the territories (else EPCI, else communes), each once."""
    places = [reader.warehouse.territory(reader.territory.level, code, reader.territory.geography) for code in codes]
    for level in _OUTLINES:
        parents = sorted({(p.level, p.code, p.geography) for t in places if t is not None for p in t.parents_at(level)})
        shapes = [shape for key in parents if (shape := reader.warehouse.geometry(*key)) is not None]
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
        names = []
        for parent in reader.territory.parents_at(level):
            known = reader.warehouse.territory(parent.level, parent.code, parent.geography)
            names.append(parent.code if known is None else known.name)
        if names:
            found.append((word.render(lang), ", ".join(dict.fromkeys(names))))
    return found
