"""SDES, register of social dwellings (RPLS) on 1 January 2022, by priority district and by IRIS."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered
from evalkit.data.adapters.places import (
    COMMUNE,
    EPCI,
    QPV,
    URBAN_UNIT,
    Place,
    department_of_commune,
    parents_of_department,
    territory_frame,
)
from evalkit.data.adapters.tables import Opened, left_aside
from evalkit.data.codes import FEW_DWELLINGS
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import Table, check_codes, check_unique, codes_as_text
from evalkit.data.registry import Dataset
from evalkit.model.territory import Parent
from evalkit.text import msg

PERIOD = "2022"
IRIS = "2022"
MEASURES = (
    Measure("nbLsPls", "ho_ls", PERIOD, blank_note=FEW_DWELLINGS),
    Measure("txVac", "ho_rpls_vac", PERIOD, percent=True, blank_note=FEW_DWELLINGS, n="nbLsPls"),
    Measure("txVac3m", "ho_rpls_vac3", PERIOD, percent=True, blank_note=FEW_DWELLINGS, n="nbLsPls"),
    Measure("txRot", "ho_rpls_mob", PERIOD, percent=True, blank_note=FEW_DWELLINGS, n="nbLsPls"),
    Measure("moyLoy", "ho_loyer", PERIOD, blank_note=FEW_DWELLINGS, n="nbLsPls"),
)
COLUMNS = tuple(measure.column for measure in MEASURES)


def read_qpv(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the districts. A blank is secret: few dwellings or few vacancies, so what is published is no random sample."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, ["CodGeo"])
    vintage = dataset.vintage or PERIOD
    observed = observe(table, MEASURES, Setting(table.frame["CodGeo"], "qpv", QPV, dataset, vintage))
    return Delivery(
        vintage,
        ordered(observed.rows),
        problems=(*table.problems, *observed.problems),
        skipped=left_aside(table, ["CodGeo", *COLUMNS]),
    )


def read_iris(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the IRIS, with the commune, the group of communes and the urban unit that each lies in."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, ["CodGeo"])
    for column in ("EPCI", "UU2020", "DepCom"):
        table.frame[column] = codes_as_text(table.frame[column])
    check_codes(table, "EPCI", r"\d{9}", msg("a code like {example}", example="243400017"))
    vintage = dataset.vintage or PERIOD
    observed = observe(table, MEASURES, Setting(table.frame["CodGeo"], "iris", IRIS, dataset, vintage))
    labels = ["CodGeo", "LibGeo", "DepCom", "LibCom", "EPCI", "UU2020", "Reg"]
    return Delivery(
        vintage,
        ordered(observed.rows),
        territory_frame([*_iris(table), *_communes(table)], dataset, vintage, table.file),
        problems=(*table.problems, *observed.problems),
        skipped=left_aside(table, [*labels, *COLUMNS]),
    )


def _iris(table: Table) -> list[Place]:
    columns = ["CodGeo", "LibGeo", "DepCom", "EPCI", "UU2020"]
    return [
        Place(code, "iris", IRIS, name, _parents(commune, epci, unit))
        for code, name, commune, epci, unit in table.frame[columns].itertuples(index=False)
    ]


def _parents(commune: str, epci: str, unit: str) -> tuple[Parent, ...]:
    own = (Parent("commune", commune, COMMUNE), Parent("epci", epci, EPCI), Parent("urban_unit", unit, URBAN_UNIT))
    return (*own, *parents_of_department(department_of_commune(commune)))


def _communes(table: Table) -> list[Place]:
    """Return the communes of the IRIS, with their names and the groups of communes that they belong to."""
    columns = ["DepCom", "LibCom", "EPCI", "UU2020"]
    found = table.frame[columns].drop_duplicates("DepCom").itertuples(index=False)
    return [
        Place(
            code,
            "commune",
            COMMUNE,
            name,
            tuple(parent for parent in _parents(code, epci, unit) if parent.level != "commune"),
        )
        for code, name, epci, unit in found
    ]
