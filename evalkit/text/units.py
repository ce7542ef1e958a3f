"""The units of indicators, and how each is written behind a number in French and in English."""

from __future__ import annotations

from dataclasses import dataclass

NBSP = "\u00a0"
NNBSP = "\u202f"


@dataclass(frozen=True)
class Unit:
    """A unit: the suffix behind a number (with its space) and its full name, per language; `decimals` is the default precision."""

    id: str
    suffix: dict[str, str]
    name: dict[str, str]
    decimals: int = 0
    is_money: bool = False


def _unit(
    id: str, suffix_fr: str, suffix_en: str, name_fr: str, name_en: str, decimals: int = 0, *, money: bool = False
) -> Unit:
    return Unit(id, {"fr": suffix_fr, "en": suffix_en}, {"fr": name_fr, "en": name_en}, decimals, money)


UNITS: dict[str, Unit] = {
    unit.id: unit
    for unit in (
        _unit("percent", f"{NBSP}%", "%", "pourcentage", "percent", 1),
        _unit("point", f"{NBSP}pt", f"{NBSP}pp", "points de pourcentage", "percentage points", 1),
        _unit("percent_per_year", f"{NBSP}%/an", "%/year", "pourcentage par an", "percent per year", 1),
        _unit("point_per_year", f"{NBSP}pt/an", f"{NBSP}pp/year", "points par an", "points per year", 2),
        _unit("ratio", "", "", "rapport", "ratio", 2),
        _unit("count", "", "", "nombre", "number"),
        _unit("persons", "", "", "personnes", "persons"),
        _unit("households", "", "", "ménages", "households"),
        _unit("dwellings", "", "", "logements", "dwellings"),
        _unit("jobs", "", "", "emplois", "jobs"),
        _unit("structures", "", "", "structures", "structures"),
        _unit("fte", f"{NBSP}ETP", f"{NBSP}FTE", "équivalents temps plein", "full-time equivalents", 1),
        _unit("hours", f"{NBSP}h", f"{NBSP}h", "heures", "hours"),
        _unit("years", f"{NBSP}ans", f"{NBSP}years", "années", "years", 1),
        _unit("per_100", "", "", "pour 100", "per 100", 1),
        _unit("per_1000", "", "", f"pour 1{NNBSP}000", "per 1,000", 1),
        _unit("per_10000", "", "", f"pour 10{NNBSP}000", "per 10,000", 1),
        _unit("euro", f"{NBSP}€", f"{NBSP}€", "euros", "euros", 0, money=True),
        _unit("euro_per_year", f"{NBSP}€", f"{NBSP}€", "euros par an", "euros per year", 0, money=True),
        _unit("euro_per_m2", f"{NBSP}€/m²", f"{NBSP}€/m²", "euros par m²", "euros per m²", 2, money=True),
        _unit(
            "euro_per_person",
            f"{NBSP}€/hab.",
            f"{NBSP}€/inhab.",
            "euros par habitant",
            "euros per inhabitant",
            0,
            money=True,
        ),
    )
}


def change_unit(unit: str) -> str:
    """Return the unit of a difference: a difference of percentages is in points, all else keeps its unit."""
    return {"percent": "point", "percent_per_year": "point_per_year"}.get(unit, unit)
