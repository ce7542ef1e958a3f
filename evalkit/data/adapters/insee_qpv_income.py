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
UNPRODUCED, UNPRODUCED_YEARS = ("in_gini", "in_s80s20"), ("2012",)
ROUNDED_YEARS = ("2013", "2014", "2015")
MEASURES = (
    Measure("revenu_median", "in_med"),
    Measure("taux_pauvrete", "in_tp60", percent=True),
    Measure("gini", "in_gini"),
    Measure("s80s20", "in_s80s20"),
)


def read(files: Sequence[SourceFile], dataset: Dataset) -> Delivery:
    """Read the panel; a blank is secret, but for the indicators that the producer did not give in 2012."""
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
    return joined([rows, absent]), (
        *problems,
        *noted(ABSENT_THAT_YEAR, [m.column for m in MEASURES], len(absent), table),
    )


def _not_produced(rows: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Set apart the blanks of 2012, when the producer gave neither Gini nor S80/S20: missing, not secret."""
    lacking = rows["period"].isin(UNPRODUCED_YEARS) & rows["indicator"].isin(UNPRODUCED) & rows["value"].isna()
    changed = rows.assign(
        status=rows["status"].mask(lacking, "missing"), note=rows["note"].mask(lacking, NOT_PRODUCED.id)
    )
    return changed, noted(NOT_PRODUCED, list(rows.loc[lacking, "indicator"].unique()), int(lacking.sum()), table)


def _one_decimal(rows: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Mark the Gini indices of the years that were published with one decimal."""
    gini = rows[(rows["indicator"] == "in_gini") & rows["value"].notna() & rows["period"].isin(ROUNDED_YEARS)]
    rounded = (gini["value"].round(1) - gini["value"]).abs().lt(1e-9).groupby(gini["period"]).transform("all")
    marked = gini.index[rounded]
    note = rows["note"].mask(rows.index.isin(marked), ONE_DECIMAL.id)
    return rows.assign(note=note), noted(ONE_DECIMAL, ["gini"], len(marked), table)


def _absent(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a missing row for each district of the file and each year in which it is not listed."""
    known = pd.MultiIndex.from_product([sorted(rows[name].unique()) for name in ("territory", "indicator", "period")])
    here = pd.MultiIndex.from_frame(rows[["territory", "indicator", "period"]])
    lacking = known.difference(here).to_frame(index=False, name=["territory", "indicator", "period"])
    unproduced = lacking["period"].isin(UNPRODUCED_YEARS) & lacking["indicator"].isin(UNPRODUCED)
    note = unproduced.map({True: NOT_PRODUCED.id, False: ABSENT_THAT_YEAR.id})
    same = {name: rows[name].iloc[0] for name in ("level", "geography", "breakdown", "source", "file_sha256")}
    return frame(
        OBSERVATION_COLUMNS,
        lacking.assign(**same, status="missing", vintage=lacking["period"], note=note.astype("str")),
    )
