"""INSEE, Filosofi by commune and by group of communes (2021), and the medians of communes of another year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered
from evalkit.data.adapters.places import (
    COMMUNE,
    EPCI,
    Place,
    department_of_commune,
    parents_of_department,
    territory_frame,
)
from evalkit.data.adapters.tables import Opened, left_aside, left_out, noted
from evalkit.data.codes import ABOVE_THRESHOLD
from evalkit.data.delivery import Delivery, SourceFile
from evalkit.data.reading import Table, check_unique, read_numbers
from evalkit.data.registry import Dataset
from evalkit.errors import Problem
from evalkit.text import msg

PERIOD = "2021"
MEDIAN_GEOGRAPHY = "2020"
MEASURES = (
    Measure("revenu_median", "in_med", PERIOD, n="nb_menages"),
    Measure("taux_pauvrete", "in_tp60", PERIOD, percent=True, n="nb_menages"),
    Measure("rapport_interdecile", "in_d9d1", PERIOD, n="nb_menages"),
    Measure("decile1", "in_d1", PERIOD, n="nb_menages"),
    Measure("decile9", "in_d9", PERIOD, n="nb_menages"),
    Measure("part_minima_sociaux", "in_minima", PERIOD, percent=True, n="nb_menages"),
    Measure("nb_menages", "in_menages", PERIOD),
    Measure("nb_personnes", "in_personnes", PERIOD),
)
COLUMNS = tuple(measure.column for measure in MEASURES)
DISTRICTS_OF_CITIES = r"751\d\d|132\d\d|6938\d"


@dataclass(frozen=True)
class Threshold:
    """INSEE publishes from this number of households, or of persons, on."""

    households: int
    persons: int


MEDIAN = Threshold(50, 100)
STRUCTURE = Threshold(1000, 2000)
THRESHOLDS = {"in_med": MEDIAN, "in_d9d1": STRUCTURE, "in_d1": STRUCTURE, "in_d9": STRUCTURE, "in_minima": STRUCTURE}


def read_commune(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the communes of 2021; a blank under the threshold of publication is secret, one above it is missing.

    Poverty rates keep `secret` above the threshold too: INSEE hides the very low and the very high ones.
    """
    return _read(files, dataset, "commune", COMMUNE)


def read_epci(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the groups of communes of 2021."""
    return _read(files, dataset, "epci", EPCI)


def _read(files: Sequence[SourceFile], dataset: Dataset, level: str, geography: str) -> Delivery:
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, ["codgeo"])
    vintage = dataset.vintage or PERIOD
    observed = observe(table, MEASURES, Setting(table.frame["codgeo"], level, geography, dataset, vintage))
    rows, unexpected = _apply_thresholds(observed.rows, table)
    return Delivery(
        vintage,
        ordered(rows),
        territory_frame(_places(table, level, geography), dataset, vintage, table.file),
        problems=(*table.problems, *observed.problems, *unexpected),
        skipped=left_aside(table, ["codgeo", "libgeo", *COLUMNS]),
    )


def _apply_thresholds(rows: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Set apart the blanks that the rule of publication does not explain."""
    households, persons = (read_numbers(table, column)["value"] for column in ("nb_menages", "nb_personnes"))
    unexpected = pd.Series(False, index=rows.index)
    for indicator, threshold in THRESHOLDS.items():
        above = (households >= threshold.households) | (persons >= threshold.persons)
        mine = rows["indicator"] == indicator
        blank = rows.loc[mine, "status"] == "secret"
        unexpected[mine] = above.to_numpy() & blank.to_numpy()
    changed = rows.assign(
        status=rows["status"].mask(unexpected, "missing"), note=rows["note"].mask(unexpected, ABOVE_THRESHOLD.id)
    )
    return changed, noted(
        ABOVE_THRESHOLD, list(rows.loc[unexpected, "indicator"].unique()), int(unexpected.sum()), table
    )


def _places(table: Table, level: str, geography: str) -> list[Place]:
    names = table.frame["libgeo"] if "libgeo" in table.frame else pd.Series("", index=table.frame.index)
    return [
        Place(
            code,
            level,
            geography,
            name or None,
            parents_of_department(department_of_commune(code)) if level == "commune" else (),
        )
        for code, name in zip(table.frame["codgeo"], names, strict=True)
    ]


def read_median(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the medians of communes; the year stands in the name of the column (`revenu_median_2019`)."""
    opened = Opened(files, dataset)
    (table,) = opened.tables("table")
    check_unique(table, ["CODGEO"])
    inner = table.frame["CODGEO"].str.fullmatch(DISTRICTS_OF_CITIES)
    table_of_communes = table.where(~inner)
    column, year = _year_column(table.frame.columns)
    setting = Setting(table_of_communes.frame["CODGEO"], "commune", MEDIAN_GEOGRAPHY, dataset, year)
    observed = observe(table_of_communes, (Measure(column, "in_med", year),), setting)
    places = [
        Place(code, "commune", MEDIAN_GEOGRAPHY, None, parents_of_department(department_of_commune(code)))
        for code in table_of_communes.frame["CODGEO"]
    ]
    inside = left_out(table, int(inner.sum()), msg("they are districts of Paris, Lyon or Marseille, not communes"))
    return Delivery(
        year,
        ordered(observed.rows),
        territory_frame(places, dataset, year, table.file),
        problems=(*table.problems, *observed.problems, *inside),
        skipped=left_aside(table, ["CODGEO", "LIBGEO", column]),
    )


def _year_column(columns: pd.Index) -> tuple[str, str]:
    """Return the column of medians and its year."""
    pattern = re.compile(r"revenu_median_(\d{4})", re.IGNORECASE)
    return next((name, found.group(1)) for name in columns if (found := pattern.fullmatch(name)) is not None)
