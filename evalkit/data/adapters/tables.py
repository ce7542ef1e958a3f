"""What all adapters share about tables: opening them in their role, setting comparator rows apart, counting what is not used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from evalkit.data.codes import FILE_EMPTY, FILE_NOT_GIVEN, REPEATED_ROWS, ROWS_LEFT_OUT, ROWS_NOTED
from evalkit.data.delivery import SourceFile
from evalkit.data.reading import (
    Feature,
    Given,
    Table,
    assign,
    check_codes,
    codes_as_text,
    codes_of,
    features_of,
    from_rows,
    match_columns,
    read_csv,
)
from evalkit.data.reading.workbook import read_sheet
from evalkit.data.registry import Dataset
from evalkit.errors import Code, DataError, Problem
from evalkit.text import Message, Quantity, msg


class Opened:
    """The files of a delivery by role: tables read and checked, maps as they are."""

    def __init__(self, files: Sequence[SourceFile], dataset: Dataset) -> None:
        self.dataset = dataset
        self.given = assign(files, dataset)

    def role(self, *roles: str) -> tuple[Given, ...]:
        """Return the files given in one of these roles."""
        return tuple(item for item in self.given if item.spec.role in roles)

    def tables(self, *roles: str) -> tuple[Table, ...]:
        """Return the tables given in one of these roles, with the column names of the registry and their codes checked."""
        return tuple(open_table(item, self.dataset) for item in self.role(*roles))

    def problems(self) -> tuple[Problem, ...]:
        """Return what was odd in the files themselves (text tables report it with their rows)."""
        return tuple(problem for item in self.given if item.spec.kind != "csv" for problem in item.content.problems)

    def not_given(self, role: str, consequence: Message) -> tuple[Problem, ...]:
        """Return a warning when no file was given in a role."""
        if self.role(role):
            return ()
        return (Problem(FILE_NOT_GIVEN, {"name": self.dataset.file(role).name, "consequence": consequence}),)


def drawn(given: Given, dataset: Dataset) -> tuple[tuple[Feature, ...], list[str]]:
    """Return the features of a map, and the code of each."""
    spec = given.spec
    features = features_of(given.content, given.file, dataset.landing_page)
    return features, codes_of(features, spec.key, spec.key_pattern, spec.key_example, given.file)


def open_table(given: Given, dataset: Dataset) -> Table:
    """Read a file in its role: names as in the registry, codes as text and of the right form, comparator rows set apart."""
    spec = given.spec
    if spec.kind == "xls":
        table = from_rows(read_sheet(given.file, spec.sheet), spec.header_row, spec.data_row, given.file)
    else:
        table = read_csv(given.content, given.file, dataset.landing_page)
    plain = [column for column in spec.columns if not column.startswith("~")]
    names = {found: wanted for wanted, found in match_columns(table.frame.columns, plain).items()}
    table = _filled(replace(table, frame=table.frame.rename(columns=names)), dataset)
    if not spec.key:
        return table
    table.frame[spec.key] = codes_as_text(table.frame[spec.key])
    table = _filled(without_totals(table, spec.key), dataset)
    check_codes(table, spec.key, spec.key_pattern, msg("a code like {example}", example=spec.key_example))
    return table


def _filled(table: Table, dataset: Dataset) -> Table:
    if table.frame.empty:
        raise DataError.of(FILE_EMPTY, file=table.file.name, page=dataset.landing_page)
    return table


def without_totals(table: Table, key: str) -> Table:
    """Leave out the rows that stand for all territories together (no code, or `Ensemble` in its place), and say so."""
    labels = table.frame.apply(lambda column: column.str.casefold().str.startswith("ensemble"))
    total = labels[key] | ((table.frame[key] == "") & labels.any(axis=1))
    if not total.any():
        return table
    kept = table.where(~total)
    problems = left_out(table, int(total.sum()), msg("they stand for all the territories together"))
    return replace(kept, problems=(*kept.problems, *problems))


def left_aside(table: Table, used: Iterable[str]) -> dict[str, int]:
    """Return the number of filled fields of each column that is not used."""
    taken = set(used)
    return {
        column: table.filled(column) for column in table.frame.columns if column not in taken and table.filled(column)
    }


def add_counts(*counts: Mapping[str, int]) -> dict[str, int]:
    """Return the sum of several counts, in alphabetical order."""
    total: Counter[str] = Counter()
    for item in counts:
        total.update(item)
    return dict(sorted(total.items()))


def noted(code: Code, columns: Sequence[str], count: int, table: Table) -> tuple[Problem, ...]:
    """Return the warning that says how many values of some columns carry a note; nothing when none does."""
    if not count:
        return ()
    values = {"count": Quantity(count, "count"), "columns": sorted(columns), "note": Message(code.message)}
    return (Problem(ROWS_NOTED, values, table.file.name),)


def left_out(table: Table, count: int, reason: Message, path: str | None = None) -> tuple[Problem, ...]:
    """Return the warning that says how many rows were left out and why; nothing when none was."""
    if not count:
        return ()
    return (Problem(ROWS_LEFT_OUT, {"count": Quantity(count, "count"), "reason": reason}, table.file.name, path=path),)


def repeated(codes: pd.Series, file: str | None, path: str | None = None) -> tuple[Problem, ...]:
    """Return the warning that names the codes of repeated rows; nothing when there is none."""
    if codes.empty:
        return ()
    values = {"count": Quantity(len(codes), "count"), "codes": sorted(set(codes))}
    return (Problem(REPEATED_ROWS, values, file, path=path),)


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return frames one below the other."""
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
