"""Which data set a file belongs to, from its content: the header of a table, the properties of a map."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from evalkit.data.codes import NOT_IMPORTED, OTHER_DATASET, OTHER_YEAR, UNKNOWN_HEADER, WRONG_COLUMNS
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
        if _fits(content, spec, file) and _has_codes(content, spec, file)
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
        best = max(fitting, key=lambda spec: (_has_codes(content, spec, file), len(spec.columns)))
        _check_same(content, best, file, dataset)
        return Given(file, best, content)
    kinds = {spec.kind for spec in dataset.files}
    if content.kind not in kinds:
        expect(content, _expected_kind(file, dataset), file, page)
    raise DataError(_explain(content, file, dataset))


def _check_same(content: Content, spec: FileSpec, file: SourceFile, dataset: Dataset) -> None:
    """Refuse a file whose codes, or whose name, say that it is something else."""
    if not _has_codes(content, spec, file):
        other = next((item.dataset for item in recognise(file.path) if item.dataset != dataset.id), None)
        if other is not None:
            raise DataError.of(OTHER_DATASET, file=file.name, dataset=dataset.id, found=other)
    named = re.search(r"(?<!\d)20\d\d(?!\d)", file.name)
    fixed = re.fullmatch(r"\d{4}", dataset.vintage or "")
    if named and fixed and named.group() != dataset.vintage and named.group() not in spec.name:
        raise DataError.of(
            OTHER_YEAR, file=file.name, found=named.group(), expected=dataset.vintage, dataset=dataset.id
        )


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
    return [str(name) for name in next((item.properties for item in features_of(content, file, "")), {})]


def _first_key(content: Content, column: str, file: SourceFile) -> str:
    if content.kind == "csv":
        value = first_row_of(content).get(column, "")
    else:
        value = str(next((item.properties.get(column, "") for item in features_of(content, file, "")), ""))
    return re.sub(r"\.0+$", "", value)


def _fits(content: Content, spec: FileSpec, file: SourceFile) -> bool:
    if content.kind != spec.kind:
        return False
    if not spec.columns:
        return fnmatch(file.name, spec.name)
    matched = match_columns(_columns(content, spec, file), spec.columns)
    return len(matched) == len(spec.columns)


def _has_codes(content: Content, spec: FileSpec, file: SourceFile) -> bool:
    """Say whether the first code of the file has the form of this data set; a row of totals says nothing."""
    if content.kind == "xls" or not spec.key_pattern:
        return True
    column = match_columns(_columns(content, spec, file), [spec.key]).get(spec.key, spec.key)
    key = _first_key(content, column, file)
    return not key or key.casefold().startswith("ensemble") or re.fullmatch(spec.key_pattern, key) is not None


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
