"""A workbook as an Excel file: codes are texts, no cell is a formula, equal contents give equal bytes."""

from __future__ import annotations

import io
from typing import Any

from evalkit.report.exports.sheets import Book, Number, Sheet, SheetColumn, Value
from evalkit.text.plain import safe_cell

_WIDTHS = {"code": (11, 22), "number": (9, 13), "text": (11, 38), "long": (40, 70)}
_LOOK = {"font_name": "Arial", "font_size": 10, "valign": "top"}


def xlsx_bytes(book: Book) -> bytes:
    """Return the workbook as an `.xlsx` file."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped] # it ships no types

    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(content, options) as workbook:
        properties = {"title": book.title, "subject": book.subject, "author": book.author, "comments": ""}
        workbook.set_properties({**properties, "created": book.made.replace(tzinfo=None)})
        formats = _Formats(workbook)
        for number, sheet in enumerate(book.sheets):
            _write_sheet(workbook.add_worksheet(sheet.name), sheet, f"table_{number}", formats)
    return content.getvalue()


class _Formats:
    """The looks of cells, made once for a workbook."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._known: dict[tuple[str, int], Any] = {}

    def of(self, kind: str, decimals: int = 0) -> Any:
        """Return the look of a kind of column; numbers show `decimals` and keep all they have."""
        if (kind, decimals) not in self._known:
            shape = "#,##0" + ("." + "0" * decimals if decimals else "")
            own: dict[str, Any] = {
                "head": {"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E6EBF2"},
                "number": {"num_format": shape, "align": "right"},
                "code": {"num_format": "@"},
                "long": {"num_format": "@", "text_wrap": True},
            }
            look = {**_LOOK, **own.get(kind, {"num_format": "@", "text_wrap": True})}
            self._known[kind, decimals] = self._workbook.add_format(look)
        return self._known[kind, decimals]


def _write_sheet(target: Any, sheet: Sheet, name: str, formats: _Formats) -> None:
    for place, column in enumerate(sheet.columns):
        target.set_column(place, place, _width(sheet, place, column))
    for row, values in enumerate(sheet.rows, 1):
        for place, (column, value) in enumerate(zip(sheet.columns, values, strict=True)):
            _write_cell(target, row, place, value, column, formats)
    last_row, last_column = max(len(sheet.rows), 1), len(sheet.columns) - 1
    heads = [{"header": column.head, "header_format": formats.of("head")} for column in sheet.columns]
    look = {"name": name, "columns": heads, "style": None, "autofilter": len(sheet.rows) > 1}
    target.add_table(0, 0, last_row, last_column, look)
    target.freeze_panes(1, 0)
    target.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})
    target.set_landscape()
    target.set_paper(9)
    target.fit_to_pages(1, 0)
    target.repeat_rows(0)


def _write_cell(target: Any, row: int, place: int, value: Value, column: SheetColumn, formats: _Formats) -> None:
    if isinstance(value, Number):
        target.write_number(row, place, value.value, formats.of("number", value.decimals))
    elif isinstance(value, int):
        target.write_number(row, place, value, formats.of("number"))
    elif value:
        target.write_string(row, place, safe_cell(value), formats.of(column.kind))


def _width(sheet: Sheet, place: int, column: SheetColumn) -> int:
    least, most = _WIDTHS[column.kind]
    longest = max((len(str(row[place])) for row in sheet.rows if isinstance(row[place], str)), default=0)
    return min(max(least, longest + 1, (len(column.head) + 3) // 2), most)
