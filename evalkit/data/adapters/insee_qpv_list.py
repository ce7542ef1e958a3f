"""The list of the priority districts of 2015: names, communes, urban units, population 2013 and 2018, and all that contains them."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered
from evalkit.data.adapters.places import (
    COMMUNE,
    QPV,
    URBAN_UNIT,
    Place,
    administrative_places,
    department_of_qpv,
    parents_of_department,
    region_before,
    territory_frame,
)
from evalkit.data.adapters.qpv_zones import region_zone, zone_parent
from evalkit.data.adapters.tables import Opened, left_aside
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import Table, check_codes, check_unique
from evalkit.data.registry import Dataset
from evalkit.model.territory import Parent
from evalkit.text import msg

COMMUNE_CODE = r"(?:\d\d|2[AB])\d{3}"
MEASURES = (Measure("pop_2013", "de_pop", "2013"), Measure("pop_2018", "de_pop", "2018"))


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the list. The file names the first commune only of a district, so the share that lies in it is not known."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("list")
    check_unique(table, ["code_qp"])
    check_codes(table, "code_commune_principale", COMMUNE_CODE, msg("a code like {example}", example="34172"))
    vintage = dataset.vintage or ""
    observed = observe(table, MEASURES, Setting(table.frame["code_qp"], "qpv", QPV, dataset, vintage))
    used = ["code_qp", "nom_qp", "code_commune_principale", "unite_urbaine", *(m.column for m in MEASURES)]
    return Delivery(
        vintage,
        ordered(observed.rows),
        territory_frame([*_districts(table), *_containers(table)], dataset, vintage, table.file),
        problems=(*table.problems, *observed.problems),
        skipped=left_aside(table, used),
    )


def _districts(table: Table) -> list[Place]:
    columns = ["code_qp", "nom_qp", "code_commune_principale", "unite_urbaine"]
    return [
        Place(code, "qpv", QPV, name, _parents(code, commune, unit), ("qpv_2015", _part(code)))
        for code, name, commune, unit in table.frame[columns].itertuples(index=False)
    ]


def _part(code: str) -> str:
    return "overseas" if code.startswith("QP97") else "metropolitan"


def _parents(code: str, commune: str, unit: str) -> tuple[Parent, ...]:
    department = department_of_qpv(code)
    places = [Parent("commune", commune, COMMUNE, None), *parents_of_department(department), *zone_parent(department)]
    return (*places, Parent("urban_unit", unit, URBAN_UNIT, None)) if unit else tuple(places)


def _containers(table: Table) -> list[Place]:
    """Return the communes, urban units, departments, regions and groups of districts that contain the districts."""
    communes = [
        Place(code, "commune", COMMUNE, None, parents_of_department(code[:3] if code.startswith("97") else code[:2]))
        for code in sorted(set(table.frame["code_commune_principale"]))
    ]
    units = [Place(code, "urban_unit", URBAN_UNIT) for code in sorted(set(table.frame["unite_urbaine"]) - {""})]
    regions = sorted({region_before(department_of_qpv(code)) or "" for code in table.frame["code_qp"]} - {""})
    return [*communes, *units, *(region_zone(code) for code in regions), *administrative_places()]
