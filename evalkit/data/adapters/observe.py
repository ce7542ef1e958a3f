"""From the columns of a table to observations: a value with its status, and a note wherever the value needs a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.data.adapters.tables import joined, noted
from evalkit.data.codes import NOT_SIGNIFICANT
from evalkit.data.delivery import OBSERVATION_COLUMNS, frame
from evalkit.data.reading import Table, check_percent, check_positive, read_numbers
from evalkit.data.registry import Dataset
from evalkit.errors import CODES, Code, Problem
from evalkit.model.observation import NO_BREAKDOWN

FEMALE, MALE = "sex=female", "sex=male"
FOREIGN, FRENCH = "nationality=foreign", "nationality=french"


@dataclass(frozen=True)
class Measure:
    """How a column becomes an indicator.

    `blank` is the status of a blank field and `blank_note` the reason; `zero_note` is set where a zero cannot be true;
    `note` goes with every value; `n` names the column of the number of units that a value rests on.
    """

    column: str
    indicator: str
    period: str = ""
    breakdown: str = NO_BREAKDOWN
    percent: bool = False
    blank: str = "secret"
    blank_note: Code | None = None
    zero_note: Code | None = None
    note: Code | None = None
    n: str | None = None
    signed: bool = False


@dataclass(frozen=True)
class Setting:
    """Where the rows of a table belong: their territories, level, geography, and the delivery they come from."""

    territory: pd.Series
    level: str
    geography: str
    dataset: Dataset
    vintage: str | pd.Series
    period: pd.Series | None = None


@dataclass(frozen=True)
class Observed:
    """The observations of a table, and the warnings that go with them."""

    rows: pd.DataFrame
    problems: tuple[Problem, ...]


def observe(table: Table, measures: Sequence[Measure], setting: Setting) -> Observed:
    """Return the observations of every measure of a table."""
    units = {name: read_numbers(table, name)["value"] for name in sorted({m.n for m in measures if m.n is not None})}
    parts = [_observe_one(table, measure, setting, units) for measure in measures]
    notes = [(measure.column, part["note"]) for measure, part in zip(measures, parts, strict=True)]
    return Observed(joined(parts), _warnings(table, notes))


def _observe_one(table: Table, measure: Measure, setting: Setting, units: Mapping[str, pd.Series]) -> pd.DataFrame:
    read = read_numbers(table, measure.column)
    value = read["value"]
    if measure.percent:
        check_percent(table, measure.column, value)
    if not measure.signed:
        check_positive(table, measure.column, value)
    status = _status(read["mark"], measure)
    note = _notes(read["mark"], value, measure)
    if measure.zero_note is not None:
        status = status.mask(value == 0, "missing")
        value = value.mask(value == 0)
    rows = rows_of(table, setting, measure.indicator, measure.breakdown, value, status, note, measure.period)
    return rows if measure.n is None else rows.assign(n=units[measure.n])


def rows_of(
    table: Table,
    setting: Setting,
    indicator: str,
    breakdown: str,
    value: pd.Series,
    status: pd.Series | str,
    note: pd.Series | str | None = None,
    period: str = "",
) -> pd.DataFrame:
    """Return observation rows for one indicator, one row for each row of the table."""
    return frame(
        OBSERVATION_COLUMNS,
        pd.DataFrame(
            {
                "territory": setting.territory,
                "level": setting.level,
                "geography": setting.geography,
                "indicator": indicator,
                "period": setting.period if setting.period is not None else period,
                "breakdown": breakdown,
                "value": value,
                "status": status,
                "source": setting.dataset.id,
                "vintage": setting.vintage,
                "file_sha256": table.file.sha256,
                "note": note,
            },
            index=table.frame.index,
        ),
    )


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Return observations in the order of their key."""
    keys = ["level", "territory", "indicator", "period", "breakdown"]
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)


def _status(mark: pd.Series, measure: Measure) -> pd.Series:
    kinds = {
        "": "published",
        "blank": measure.blank,
        "secret": "secret",
        "missing": "missing",
        "insignificant": "missing",
    }
    return mark.map(kinds).astype("str")


def _notes(mark: pd.Series, value: pd.Series, measure: Measure) -> pd.Series:
    """Return the note of each row: of every value, of a zero that cannot be, of a blank, of a mark."""
    always = None if measure.note is None else measure.note.id
    note = pd.Series(always, index=mark.index, dtype="object")
    note[mark != ""] = None
    note[mark == "insignificant"] = NOT_SIGNIFICANT.id
    if measure.blank_note is not None:
        note[mark == "blank"] = measure.blank_note.id
    if measure.zero_note is not None:
        note[value == 0] = measure.zero_note.id
    return note


def _warnings(table: Table, notes: Sequence[tuple[str, pd.Series]]) -> tuple[Problem, ...]:
    """Return one warning for each note: how many values carry it, and in which columns."""
    found: dict[str, dict[str, int]] = {}
    for column, note in notes:
        for code, count in note.value_counts().items():
            columns = found.setdefault(str(code), {})
            columns[column] = columns.get(column, 0) + int(count)
    return tuple(
        problem
        for code, columns in sorted(found.items())
        for problem in noted(CODES[code], list(columns), sum(columns.values()), table)
    )
