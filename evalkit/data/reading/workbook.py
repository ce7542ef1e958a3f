"""Sheets of Excel workbooks (.xls and .xlsx), read with calamine."""

from __future__ import annotations

import functools
from pathlib import Path

from evalkit.data.codes import FILE_UNREADABLE, NO_SHEET
from evalkit.data.delivery import SourceFile
from evalkit.errors import DataError


@functools.lru_cache(maxsize=4)
def _sheets(path: Path, sha256: str) -> dict[str, list[list[object]]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(path))
    return {
        name.strip(): [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        for name in book.sheet_names
    }


def read_sheets(file: SourceFile) -> dict[str, list[list[object]]]:
    """Return the rows of every sheet by name; refused when the workbook is damaged."""
    from python_calamine import CalamineError

    try:
        return _sheets(file.path, file.sha256)
    except (CalamineError, OSError) as error:
        raise DataError.of(FILE_UNREADABLE, file=file.name, reason=str(error)) from error


def read_sheet(file: SourceFile, sheet: str) -> list[list[object]]:
    """Return the rows of one sheet; refused, with the names of the sheets, when there is none of that name."""
    sheets = read_sheets(file)
    if sheet not in sheets:
        raise DataError.of(NO_SHEET, file=file.name, sheet=sheet, found=list(sheets))
    return sheets[sheet]
