"""A workbook as an OpenDocument spreadsheet: the same sheets, cells and words as the Excel file."""

from __future__ import annotations

import io
from html import escape

from evalkit.report.exports.opendocument import open_new, set_looks, xml_text
from evalkit.report.exports.sheets import Book, Number, Sheet, Value
from evalkit.report.exports.writing import same_bytes
from evalkit.text.plain import safe_cell

_WIDTHS = {"code": 3.4, "number": 2.4, "text": 5.5, "long": 10.0}
_CELL = '<style:style style:name="{name}" style:family="table-cell"{data}>{look}</style:style>'
_TEXT = '<style:table-cell-properties style:vertical-align="top" fo:wrap-option="wrap"/>'
_HEAD = (
    '<style:table-cell-properties fo:background-color="#e6ebf2" fo:border-bottom="0.5pt solid #1a2029"'
    ' style:vertical-align="top" fo:wrap-option="wrap"/><style:text-properties fo:font-weight="bold"/>'
)
_MOST_DECIMALS = 6


def ods_bytes(book: Book) -> bytes:
    """Return the workbook as an `.ods` file."""
    from odfdo import Element

    document = open_new(
        "spreadsheet", title=book.title, subject=book.subject, author=book.author, lang=book.lang, made=book.made
    )
    set_looks(document, "".join(_styles()))
    document.body.clear()
    for sheet in book.sheets:
        document.body.append(Element.from_tag(_table(sheet)))
    ranges = "".join(_range(number, sheet) for number, sheet in enumerate(book.sheets))
    document.body.append(Element.from_tag(f"<table:database-ranges>{ranges}</table:database-ranges>"))
    content = io.BytesIO()
    document.save(content)
    return same_bytes(content.getvalue(), book.made)


def _styles() -> list[str]:
    columns = [
        f'<style:style style:name="column-{kind}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        for kind, width in _WIDTHS.items()
    ]
    numbers = [
        f'<number:number-style style:name="decimals-{places}"><number:number number:decimal-places="{places}"'
        f' number:min-decimal-places="{places}" number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
        for places in range(_MOST_DECIMALS + 1)
    ]
    shape = '<number:text-style style:name="as-text"><number:text-content/></number:text-style>'
    cells = [
        _CELL.format(name="head", data="", look=_HEAD),
        _CELL.format(name="text", data=' style:data-style-name="as-text"', look=_TEXT),
        *(
            _CELL.format(name=f"number-{p}", data=f' style:data-style-name="decimals-{p}"', look=_TEXT)
            for p in range(_MOST_DECIMALS + 1)
        ),
    ]
    return [*columns, *numbers, shape, *cells]


def _table(sheet: Sheet) -> str:
    columns = "".join(f'<table:table-column table:style-name="column-{c.kind}"/>' for c in sheet.columns)
    heads = "".join(_string(column.head, "head") for column in sheet.columns)
    rows = "".join(f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in sheet.rows)
    return (
        f'<table:table table:name="{escape(sheet.name)}">{columns}<table:table-header-rows>'
        f"<table:table-row>{heads}</table:table-row></table:table-header-rows>{rows}</table:table>"
    )


def _cell(value: Value) -> str:
    if isinstance(value, Number):
        return _number(value.value, min(value.decimals, _MOST_DECIMALS))
    if isinstance(value, int):
        return _number(value, 0)
    return _string(safe_cell(value), "text") if value else "<table:table-cell/>"


def _number(value: float, decimals: int) -> str:
    return (
        f'<table:table-cell table:style-name="number-{decimals}" office:value-type="float" office:value="{value!r}">'
        f"<text:p>{value:.{decimals}f}</text:p></table:table-cell>"
    )


def _string(text: str, style: str) -> str:
    return (
        f'<table:table-cell table:style-name="{style}" office:value-type="string"><text:p>{xml_text(text)}</text:p>'
        "</table:table-cell>"
    )


def _range(number: int, sheet: Sheet) -> str:
    """Name the table and give it filters, as its twin in the Excel file has."""
    from odfdo.utils import digit_to_alpha

    name = sheet.name.replace("'", "''")
    last = f"{digit_to_alpha(len(sheet.columns) - 1)}{len(sheet.rows) + 1}"
    address = escape(f"'{name}'.A1:'{name}'.{last}")
    return (
        f'<table:database-range table:name="table_{number}" table:target-range-address="{address}"'
        ' table:display-filter-buttons="true"/>'
    )
