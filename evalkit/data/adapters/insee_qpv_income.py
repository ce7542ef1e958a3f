"""INSEE, Filosofi by priority district, 2012 to 2021: median, poverty, Gini, S80/S20, one row for each district and year."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evalkit.data.adapters.observe import Measure, Setting, observe, ordered
from evalkit.data.adapters.places import QPV
from evalkit.data.adapters.tables import Opened, add_counts, joined, left_aside, noted
from evalkit.data.codes import ABSENT_THAT_YEAR, NOT_PRODUCED, ONE_DECIMAL
from evalkit.data.delivery import OBSERVATION_COLUMNS, Delivery, SourceFile, frame
from evalkit.data.reading import Table, check_unique, read_years
from evalkit.data.registry import Dataset
from evalkit.errors import Problem

KEY = ("code_qp", "annee")
MEASURES = (
    Measure("revenu_median", "in_med"),
    Measure("taux_pauvrete", "in_tp60", percent=True),
    Measure("gini", "in_gini"),
    Measure("s80s20", "in_s80s20"),
)


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the panel; a blank of a year in which the producer gives the indicator is secret, else it is missing."""
    opened = Opened(files, dataset)
    tables = opened.tables("panel")
    parts = [_read_one(table, dataset) for table in tables]
    rows = ordered(joined([part[0] for part in parts]))
    years = sorted(rows["period"].unique())
    return Delivery(
        years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}",
        rows,
        problems=tuple(problem for part in parts for problem in part[1]),
        skipped=add_counts(*(left_aside(table, [*KEY, *(m.column for m in MEASURES)]) for table in tables)),
    )


def _read_one(table: Table, dataset: Dataset) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    check_unique(table, KEY)
    years = read_years(table, "annee")
    setting = Setting(table.frame["code_qp"], "qpv", QPV, dataset, years, years)
    observed = observe(table, MEASURES, setting)
    rows, not_produced = _not_produced(observed.rows, table)
    rows, rounded = _one_decimal(rows, table)
    absent = _absent(rows)
    problems = (*table.problems, *observed.problems, *not_produced, *rounded)
    return joined([rows, absent]), (*problems, *noted(ABSENT_THAT_YEAR, [m.column for m in MEASURES], len(absent), table))


def _not_produced(rows: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """An indicator without any value in a year was not produced that year: that is missing, not secret."""
    given = rows["value"].notna().groupby([rows["indicator"], rows["period"]]).transform("any")
    changed = rows.assign(
        status=rows["status"].mask(~given, "missing"), note=rows["note"].mask(~given, NOT_PRODUCED.id)
    )
    return changed, noted(
        NOT_PRODUCED, ", ".join(sorted(rows.loc[~given, "indicator"].unique())), int((~given).sum()), table
    )


def _one_decimal(rows: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Mark the years in which every Gini index has at most one decimal, beside years that have three."""
    gini = rows[(rows["indicator"] == "in_gini") & rows["value"].notna()]
    rounded = (gini["value"].round(1) - gini["value"]).abs().lt(1e-9).groupby(gini["period"]).all()
    if rounded.all():
        return rows, ()
    years = rounded.index[rounded]
    marked = (rows["indicator"] == "in_gini") & rows["period"].isin(years) & rows["value"].notna()
    return rows.assign(note=rows["note"].mask(marked, ONE_DECIMAL.id)), noted(
        ONE_DECIMAL, "gini", int(marked.sum()), table
    )


def _absent(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a missing row for each district of the file and each year in which it is not listed."""
    known = pd.MultiIndex.from_product([sorted(rows[name].unique()) for name in ("territory", "indicator", "period")])
    here = pd.MultiIndex.from_frame(rows[["territory", "indicator", "period"]])
    lacking = known.difference(here).to_frame(index=False, name=["territory", "indicator", "period"])
    produced = rows[rows["note"] != NOT_PRODUCED.id].groupby(["indicator", "period"]).size()
    pairs = pd.MultiIndex.from_frame(lacking[["indicator", "period"]])
    note = pd.Series(pairs.isin(produced.index)).map({True: ABSENT_THAT_YEAR.id, False: NOT_PRODUCED.id})
    same = {name: rows[name].iloc[0] for name in ("level", "geography", "breakdown", "source", "file_sha256")}
    return frame(
        OBSERVATION_COLUMNS,
        lacking.assign(**same, status="missing", vintage=lacking["period"], note=note.astype("str")),
    )
