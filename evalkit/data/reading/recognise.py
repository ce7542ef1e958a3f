"""Which data set a file belongs to, from its content: the header of a table, the properties of a map."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from evalkit.data.codes import NOT_IMPORTED, OTHER_DATASET, UNKNOWN_HEADER, WRONG_COLUMNS
from evalkit.data.delivery import SourceFile, source_files
from evalkit.data.reading.container import Content, expect, read_content
from evalkit.data.reading.features import features_of
from evalkit.data.reading.table import first_row_of, header_of
from evalkit.data.reading.workbook import read_sheets
from evalkit.data.registry import Dataset, FileSpec, refused_files, registry
from evalkit.errors import DataError, Problem
from evalkit.model.texts import LocalText


@dataclass(frozen=True)
class Recognition:
    """A data set that a file fits, and the role it has there; `refused` says why a known file is not imported."""

    dataset: str
    role: str
    refused: LocalText = LocalText()


@dataclass(frozen=True)
class Given:
    """A file in its role, with its content."""

    file: SourceFile
    spec: FileSpec
    content: Content


def recognise(path: Path | str) -> tuple[Recognition, ...]:
    """Return the data sets that a file fits, the closest first; empty when its header is that of none."""
    (file,) = source_files([path])
    content = read_content(file, "")
    fits = [
        (len(spec.columns), Recognition(item.id, spec.role, item.refused))
        for item in (*registry().values(), *refused_files())
        for spec in item.files
        if _fits(content, spec, file)
    ]
    return tuple(found for _, found in sorted(fits, key=lambda pair: (-pair[0], pair[1].dataset, pair[1].role)))


def assign(files: Sequence[SourceFile], dataset: Dataset) -> tuple[Given, ...]:
    """Give each file its role in the data set; a file that has none is refused with what it lacks, and what it is."""
    given: list[Given] = []
    problems: list[Problem] = []
    for file in files:
        try:
            given.append(_assign_one(file, dataset))
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(sorted(problems, key=lambda item: (item.file or "", item.line or 0)))
    return tuple(given)


def match_columns(found: Iterable[str], wanted: Iterable[str]) -> dict[str, str]:
    """Return, for each wanted column that the file has, its name in the file; letter case does not count."""
    names = list(found)
    folded = {name.casefold(): name for name in reversed(names)}
    matched: dict[str, str] = {}
    for column in wanted:
        if column.startswith("~"):
            name = next((name for name in names if re.fullmatch(column[1:], name, re.IGNORECASE)), None)
        else:
            name = column if column in names else folded.get(column.casefold())
        if name is not None:
            matched[column] = name
    return matched


def _assign_one(file: SourceFile, dataset: Dataset) -> Given:
    page = dataset.landing_page
    content = read_content(file, page)
    fitting = [spec for spec in dataset.files if _fits(content, spec, file)]
    if fitting:
        return Given(file, max(fitting, key=lambda spec: len(spec.columns)), content)
    kinds = {spec.kind for spec in dataset.files}
    if content.kind not in kinds:
        expect(content, _expected_kind(file, dataset), file, page)
    raise DataError(_explain(content, file, dataset))


def _expected_kind(file: SourceFile, dataset: Dataset) -> str:
    """Return the kind that the name of the file promises, else the first of the data set."""
    named = [spec.kind for spec in dataset.files if fnmatch(file.name, spec.name)]
    ending = file.path.suffix.lower().removeprefix(".")
    return next(iter([*named, *(spec.kind for spec in dataset.files if spec.kind == ending), dataset.files[0].kind]))


def _columns(content: Content, spec: FileSpec, file: SourceFile) -> list[str]:
    """Return the names of the columns of a table, or of the properties of a map."""
    if content.kind == "csv":
        return header_of(content)
    if content.kind == "xls":
        rows = read_sheets(file).get(spec.sheet, [])
        return [str(cell).strip() for cell in rows[spec.header_row - 1]] if len(rows) >= spec.header_row else []
    return [str(name) for name in next((item.properties for item in features_of(content)), {})]


def _first_key(content: Content, column: str) -> str:
    if content.kind == "csv":
        value = first_row_of(content).get(column, "")
    else:
        value = str(next((item.properties.get(column, "") for item in features_of(content)), ""))
    return re.sub(r"\.0+$", "", value)


def _fits(content: Content, spec: FileSpec, file: SourceFile) -> bool:
    if content.kind != spec.kind:
        return False
    if not spec.columns:
        return fnmatch(file.name, spec.name)
    matched = match_columns(_columns(content, spec, file), spec.columns)
    if len(matched) < len(spec.columns):
        return False
    if content.kind == "xls" or not spec.key_pattern:
        return True
    key = _first_key(content, matched[spec.key])
    return not key or re.fullmatch(spec.key_pattern, key) is not None or not _told_apart(spec)


def _told_apart(spec: FileSpec) -> bool:
    """Say whether another file of the registry has the same columns, so that only the form of the codes tells them apart."""
    twins = [
        item
        for data_set in registry().values()
        for item in data_set.files
        if item.kind == spec.kind and item.columns == spec.columns
    ]
    return len(twins) > 1


def _explain(content: Content, file: SourceFile, dataset: Dataset) -> list[Problem]:
    """Say what the file is, and what it lacks to be a file of the data set."""
    for found in recognise(file.path):
        if found.refused:
            return [Problem(NOT_IMPORTED, {"reason": found.refused}, file.name)]
        if found.dataset != dataset.id:
            return [Problem(OTHER_DATASET, {"dataset": dataset.id, "found": found.dataset}, file.name)]
    specs = [spec for spec in dataset.files if spec.kind == content.kind]
    counted = [(len(match_columns(_columns(content, spec, file), spec.columns)), spec) for spec in specs]
    closest = max(counted, key=lambda pair: pair[0] / max(len(pair[1].columns), 1))[1]
    header = _columns(content, closest, file)
    matched = match_columns(header, closest.columns)
    missing = [column.removeprefix("~") for column in closest.columns if column not in matched]
    free = [name for name in header if name not in matched.values()]
    nearest = sorted({name for column in missing for name in difflib.get_close_matches(column, free, 2, 0.5)})
    if not matched and not nearest:
        return [Problem(UNKNOWN_HEADER, {"header": header[:12]}, file.name)]
    values = {"dataset": dataset.id, "missing": missing, "nearest": nearest or free[:12]}
    return [Problem(WRONG_COLUMNS, values, file.name, closest.header_row if content.kind in {"csv", "xls"} else None)]
