"""Hackaviz 2021: the priority districts of Occitanie, compiled from INSEE, Cnaf, France Travail and ANCT, with contours.

Three years in this file are not what its notice says: the incomes are those of 2015, the population that of 2013, and
zeros stand for values that were not published. They are written as what they are, each with its note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from evalkit.data.adapters.observe import FEMALE, FOREIGN, Measure, Setting, observe, ordered, rows_of
from evalkit.data.adapters.places import (
    COMMUNE,
    QPV,
    Place,
    department_of_commune,
    department_of_qpv,
    parents_of_department,
    territory_frame,
)
from evalkit.data.adapters.tables import Opened, add_counts, drawn, joined, left_aside
from evalkit.data.codes import MIXED_YEARS, WRONG_YEAR, YEAR_NOT_STATED, ZERO_IMPOSSIBLE
from evalkit.data.delivery import TERRITORY_COLUMNS, Delivery, SourceFile, frame
from evalkit.data.reading import Given, Table, check_unique, read_numbers, shapes_of
from evalkit.data.registry import Dataset
from evalkit.errors import Problem
from evalkit.model.territory import Parent

LABELS = ("code_qp", "nom_qp", "nom_commune")
SCHOOLS = ("ec_mat", "ec_elem", "coll")
INCOME, CENSUS, POPULATION, JOBSEEKERS, ESTABLISHMENTS = "2015", "2015", "2013", "2020", "2019"


def _measures() -> Iterator[Measure]:
    zero, when = ZERO_IMPOSSIBLE, YEAR_NOT_STATED
    yield Measure("pop_mun", "de_pop", POPULATION, zero_note=zero)
    for column, indicator in (
        ("disp_q2", "in_med"),
        ("disp_d1", "in_d1"),
        ("disp_d9", "in_d9"),
        ("decuc_q2", "in_med_decl"),
    ):
        yield Measure(column, indicator, INCOME, note=WRONG_YEAR)
    yield Measure("tp60", "in_tp60", INCOME, percent=True, note=WRONG_YEAR)
    yield Measure("brev", "in_brev", INCOME, percent=True, note=when)
    for stem, indicator in (("empl", "em_emploi"), ("eprec", "em_prec")):
        yield Measure(f"tx_tot_{stem}", indicator, CENSUS, percent=True, note=when)
        yield Measure(f"tx_f_{stem}", indicator, CENSUS, FEMALE, percent=True, note=when)
        yield Measure(f"tx_et_{stem}", indicator, CENSUS, FOREIGN, percent=True, note=when)
    yield Measure("ind_jeune", "de_jeune", CENSUS, note=when)
    yield Measure("tx_tot_et", "ig_etr", CENSUS, percent=True, note=when)
    yield Measure("tx_f_et", "ig_etr", CENSUS, FEMALE, percent=True, note=when)
    yield Measure("abcde", "em_de_abcde", JOBSEEKERS, zero_note=zero)
    yield Measure("abcde_f", "em_de_abcde_f", JOBSEEKERS, zero_note=zero)
    yield Measure("nbetab", "ec_etab_n", ESTABLISHMENTS, zero_note=zero)


MEASURES = tuple(_measures())


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the table, the contours of the districts and those of their communes, whichever are given."""
    opened = Opened(files, dataset)
    vintage = dataset.vintage or ""
    tables = opened.tables("table")
    observed = [_observe(table, dataset, vintage) for table in tables]
    maps = [_districts(item, dataset, vintage) for item in opened.role("contours")]
    maps += [_communes(item, dataset, vintage) for item in opened.role("communes")]
    used = [*LABELS, *SCHOOLS, *(measure.column for measure in MEASURES)]
    rows = [part[0] for part in observed]
    return Delivery(
        vintage,
        ordered(joined(rows)) if rows else Delivery(vintage).observations,
        joined([item[0] for item in maps]) if maps else frame(TERRITORY_COLUMNS),
        problems=(*opened.problems(), *(problem for _, found in (*observed, *maps) for problem in found)),
        skipped=add_counts(*(left_aside(table, used) for table in tables)),
    )


def _observe(table: Table, dataset: Dataset, vintage: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    check_unique(table, ["code_qp"])
    setting = Setting(table.frame["code_qp"], "qpv", QPV, dataset, vintage)
    observed = observe(table, MEASURES, setting)
    derived = [_decile_ratio(table, setting), _establishments(table, setting), _schools(table, setting)]
    return joined([observed.rows, *derived]), (*table.problems, *observed.problems)


def _decile_ratio(table: Table, setting: Setting) -> pd.DataFrame:
    """Return D9/D1 out of the two deciles that the file gives."""
    low, high = (read_numbers(table, column)["value"] for column in ("disp_d1", "disp_d9"))
    ratio = high / low.where(low > 0)
    status = ratio.notna().map({True: "published", False: "secret"})
    return rows_of(table, setting, "in_d9d1", "none", ratio.round(4), status, WRONG_YEAR.id, INCOME)


def _establishments(table: Table, setting: Setting) -> pd.DataFrame:
    """Return establishments for 1,000 inhabitants: those of 2019 over the population of 2013, and the note that says so."""
    count, population = (read_numbers(table, column)["value"] for column in ("nbetab", "pop_mun"))
    known = (count > 0) & (population > 0)
    rate = (1000 * count / population).where(known)
    status = known.map({True: "published", False: "missing"})
    note = known.map({True: MIXED_YEARS.id, False: ZERO_IMPOSSIBLE.id})
    rows = rows_of(table, setting, "ec_etab", "none", rate, status, note, ESTABLISHMENTS)
    return rows.assign(numerator=count.where(known), denominator=population.where(known))


def _schools(table: Table, setting: Setting) -> pd.DataFrame:
    """Return the schools within 100 m and the lower secondary schools within 300 m.

    Private schools are among them: in the file their number never exceeds the number of all.
    """
    total = sum((read_numbers(table, column)["value"] for column in SCHOOLS), start=pd.Series(0.0, table.frame.index))
    status = total.notna().map({True: "published", False: "missing"})
    return rows_of(table, setting, "ed_ecoles", "none", total, status, YEAR_NOT_STATED.id, ESTABLISHMENTS)


def _districts(given: Given, dataset: Dataset, vintage: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    features, codes = drawn(given, dataset)
    shapes, problems = shapes_of(features, codes, given.file, dataset.landing_page)
    places = [
        Place(
            code,
            "qpv",
            QPV,
            item.properties.get("nom_qp"),
            _parents(code, item.properties),
            ("qpv_2015",),
            shapes.get(code),
        )
        for code, item in zip(codes, features, strict=True)
    ]
    return territory_frame(places, dataset, vintage, given.file), tuple(problems)


def _parents(code: str, properties: Mapping[str, Any]) -> tuple[Parent, ...]:
    """Return the parents; a district that the file places in several communes has no known share in the first one."""
    commune = str(properties.get("code_commune") or "")
    share = None if "," in str(properties.get("nom_commune") or "") else 1.0
    own = (Parent("commune", commune, COMMUNE, share),) if commune else ()
    return (*own, *parents_of_department(department_of_qpv(code)))


def _communes(given: Given, dataset: Dataset, vintage: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    features, codes = drawn(given, dataset)
    shapes, problems = shapes_of(features, codes, given.file, dataset.landing_page)
    places = [
        Place(
            code,
            "commune",
            COMMUNE,
            item.properties.get("nom_commune"),
            parents_of_department(department_of_commune(code)),
            (),
            shapes.get(code),
        )
        for code, item in zip(codes, features, strict=True)
    ]
    return territory_frame(places, dataset, vintage, given.file), tuple(problems)
