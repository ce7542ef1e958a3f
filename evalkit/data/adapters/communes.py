"""Counts by commune: associations (RNA) and facilities (BPE). Neither file says on which day things were counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered, rows_of
from evalkit.data.adapters.places import (
    COMMUNE,
    Place,
    department_of_commune,
    parents_of_department,
    territory_frame,
)
from evalkit.data.adapters.tables import Opened, left_aside
from evalkit.data.codes import COMPILATION_YEAR, MULTIPLE_OF_THREE
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import Table, check_unique, read_numbers
from evalkit.data.registry import Dataset
from evalkit.errors import Problem

FACILITIES = Measure("total", "lv_equip_n", blank="missing", note=COMPILATION_YEAR)


def read_associations(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read active associations for 1,000 inhabitants, with their count and the population it is divided by."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, ["CODGEO"])
    year = dataset.vintage or ""
    setting = Setting(table.frame["CODGEO"], "commune", COMMUNE, dataset, year)
    count, population = (read_numbers(table, column)["value"] for column in ("nb_assos", "pop"))
    known = count.notna() & (population > 0)
    status = known.map({True: "published", False: "missing"})
    note = known.map({True: COMPILATION_YEAR.id, False: None})
    rate = (1000 * count / population).where(known)
    rows = rows_of(table, setting, "ess_asso", "none", rate, status, note, year)
    rows = rows.assign(numerator=count.where(known), denominator=population.where(known))
    used = ["CODGEO", "nb_assos", "pop", "densite_assos_1000hab"]
    places = _places(table, dataset, year)
    return Delivery(year, ordered(rows), places, problems=table.problems, skipped=left_aside(table, used))


def read_facilities(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the number of facilities; the rate is not computed, the file mixes all ranges of facilities."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, ["CODGEO"])
    year = dataset.vintage or ""
    setting = Setting(table.frame["CODGEO"], "commune", COMMUNE, dataset, year)
    observed = observe(table, (replace(FACILITIES, period=year),), setting)
    return Delivery(
        year,
        ordered(observed.rows),
        _places(table, dataset, year),
        problems=(*table.problems, *observed.problems, *_tripled(table)),
        skipped=left_aside(table, ["CODGEO", "LIBGEO", "total"]),
    )


def _places(table: Table, dataset: Dataset, year: str) -> pd.DataFrame:
    """Return the communes of the file, with the department and the regions that each lies in."""
    codes = table.frame["CODGEO"]
    names = table.frame["LIBGEO"] if "LIBGEO" in table.frame else pd.Series("", index=codes.index)
    places = [
        Place(code, "commune", COMMUNE, name or None, parents_of_department(department_of_commune(code)))
        for code, name in zip(codes, names, strict=True)
    ]
    return territory_frame(places, dataset, year, table.file)


def _tripled(table: Table) -> tuple[Problem, ...]:
    """Warn when every count is a multiple of three: it was multiplied on its way."""
    count = read_numbers(table, "total")["value"].dropna()
    if len(count) < 10 or (count % 3 != 0).any() or not (count > 0).any():
        return ()
    return (Problem(MULTIPLE_OF_THREE, {"column": "total"}, table.file.name, path="$.total"),)
