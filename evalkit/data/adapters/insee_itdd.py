"""INSEE, territorial indicators of sustainable development (2016): the workbook, or the long table copied from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered
from evalkit.data.adapters.places import (
    COUNTRIES,
    COUNTRY,
    DEPARTMENT,
    REGION,
    Place,
    parents_of_department,
    territory_frame,
)
from evalkit.data.adapters.tables import Opened, add_counts, joined, open_table, repeated
from evalkit.data.codes import VALUES_DIFFER
from evalkit.data.delivery import OBSERVATION_KEY, Delivery, SourceFile
from evalkit.data.reading import Given, Table, check_codes, codes_as_text
from evalkit.data.reading.workbook import read_sheets
from evalkit.data.registry import Dataset
from evalkit.errors import DataError, Problem
from evalkit.text import msg

INDICATORS = {
    "Poids de l'économie sociale dans les emplois salariés du territoire (%)": "ess_part",
    "Taux de pauvreté (%)": "in_tp60",
    "Disparité de niveau de vie (Rapport interdécile)": "in_d9d1",
    "Taux d'emploi (%)": "em_emploi",
    "Part des jeunes non insérés (%)": "em_neet",
}
RATIOS = frozenset({"in_d9d1"})
GEOGRAPHIES = {"region": REGION, "department": DEPARTMENT, "country": COUNTRY}
SHEETS = ("Social", "Economie", "Environnement", "Gouvernance")
SECTIONS = {"REGIONS": "region", "DEPARTEMENTS": "departement", "DÉPARTEMENTS": "departement"}
NAMES = ("dimension", "niveau", "code", "libelle", "indicateur", "annee", "valeur")
ROUNDING = 0.05


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read regions, departments and the country; the country stands in two tables of the file and is taken once."""
    opened = Opened(files, dataset)
    tables = [_table(item, dataset) for item in opened.given]
    vintage = dataset.vintage or ""
    parts = [_observe(table, dataset, vintage) for table in tables]
    return Delivery(
        vintage,
        ordered(joined([part[0] for part in parts])),
        territory_frame(_places(tables), dataset, vintage, tables[0].file),
        problems=(*opened.problems(), *(problem for part in parts for problem in part[1])),
        skipped=add_counts(*(_skipped(table) for table in tables)),
    )


def _table(given: Given, dataset: Dataset) -> Table:
    table = _workbook(given.file) if given.spec.kind == "xls" else open_table(given, dataset)
    table.frame["code"] = codes_as_text(table.frame["code"])
    table.frame["indicateur"] = table.frame["indicateur"].str.replace(r"\s+", " ", regex=True).str.strip()
    check_codes(table, "code", r"\d{2,3}|2[AB]|[FMP]", msg("a code like {example}", example="34"))
    return table


def _observe(table: Table, dataset: Dataset, vintage: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    rows: list[pd.DataFrame] = []
    problems = list(table.problems)
    for name, indicator in INDICATORS.items():
        kept = table.where(table.frame["indicateur"] == name)
        level = _levels(kept)
        setting = Setting(kept.frame["code"], "country", "", dataset, vintage, kept.frame["annee"].str[:4])
        measure = Measure("valeur", indicator, percent=indicator not in RATIOS, blank="missing")
        observed = observe(kept, (measure,), setting)
        found = observed.rows.assign(level=level, geography=level.map(GEOGRAPHIES).astype("str"))
        _check_equal(found, kept)
        rows.append(found)
        problems.extend(observed.problems)
    every = joined(rows)
    again = every.duplicated(list(OBSERVATION_KEY))
    return every[~again], (*problems, *repeated(every.loc[again, "territory"], table.file.name))


def _levels(table: Table) -> pd.Series:
    levels = table.frame["niveau"].map({"region": "region", "departement": "department"})
    return levels.mask(table.frame["code"].isin(list(COUNTRIES)), "country").astype("str")


def _check_equal(rows: pd.DataFrame, table: Table) -> None:
    """Refuse two different values of one territory and year; rounding apart (the table of the regions has more decimals)."""
    first = rows.groupby(list(OBSERVATION_KEY))["value"].transform("first")
    differs = (rows["value"] - first).abs() > ROUNDING
    if differs.any():
        found = rows[differs].assign(first=first[differs])
        lines = [int(line) for line in table.lines[differs]]
        raise DataError(
            Problem(
                VALUES_DIFFER,
                {"key": f"{row.territory} {row.indicator} {row.period}", "first": row.first, "second": row.value},
                table.file.name,
                line,
            )
            for row, line in zip(found.itertuples(index=False), lines, strict=True)
        )


def _places(tables: Sequence[Table]) -> list[Place]:
    """Return the territories that the file names; the name of a country zone is ours, the file writes it in two ways."""
    found: dict[tuple[str, str], Place] = {}
    for table in tables:
        for code, level, name in zip(table.frame["code"], _levels(table), table.frame["libelle"], strict=True):
            parents = parents_of_department(code, with_department=False) if level == "department" else ()
            place = Place(code, level, GEOGRAPHIES[level], COUNTRIES.get(code, name), parents)
            found.setdefault((level, code), place)
    return list(found.values())


def _skipped(table: Table) -> dict[str, int]:
    other = table.frame[~table.frame["indicateur"].isin(list(INDICATORS)) & (table.frame["valeur"] != "")]
    return {str(name): int(count) for name, count in other["indicateur"].value_counts().items()}


def _workbook(file: SourceFile) -> Table:
    """Return the sheets of the workbook as one long table; the line is that of the row in its sheet."""
    sheets = read_sheets(file)
    found = [row for sheet in SHEETS if sheet in sheets for row in _sheet_rows(sheet, sheets[sheet])]
    frame = pd.DataFrame([row[:-1] for row in found], columns=list(NAMES), dtype="str")
    return Table(file, frame, pd.Series([row[-1] for row in found], dtype="int64"))


def _sheet_rows(sheet: str, rows: Sequence[Sequence[object]]) -> Iterator[tuple[object, ...]]:
    """Go down a sheet: a section title, the names of the indicators, the row of the years, then a row for each territory."""
    section, names, years = "", [""], [""]
    for line, row in enumerate(rows, start=1):
        cells = [_text(cell) for cell in row]
        if cells[1].upper() in SECTIONS:
            section = SECTIONS[cells[1].upper()]
        elif cells[1] == "Année":
            names, years = _fill(rows[line - 2]), cells
        elif section and re.fullmatch(r"\d{1,3}|2[AB]|[FMP]", cells[0]):
            code = cells[0] if len(cells[0]) > 1 or cells[0].isalpha() else f"0{cells[0]}"
            for column in range(2, len(cells)):
                if names[column] and years[column]:
                    yield sheet, section, code, cells[1], names[column], years[column], cells[column], line


def _fill(row: Sequence[object]) -> list[str]:
    """Repeat the name of an indicator over the years that stand below it."""
    names: list[str] = []
    for cell in row:
        names.append(_text(cell) or (names[-1] if names else ""))
    return names


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return str(cell).strip()
