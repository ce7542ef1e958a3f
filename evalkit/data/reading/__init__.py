"""Reading official files: what they are, their tables, sheets, maps and numbers, with every problem placed on its line."""

from evalkit.data.reading.container import Content, read_content
from evalkit.data.reading.features import Feature, Shape, codes_of, features_of, shapes_of
from evalkit.data.reading.numbers import check_percent, check_positive, read_numbers, read_years
from evalkit.data.reading.recognise import Given, Recognition, assign, match_columns, recognise
from evalkit.data.reading.table import Table, check_codes, check_unique, codes_as_text, from_rows, read_csv, refuse
from evalkit.data.reading.workbook import read_sheet

__all__ = [
    "Content",
    "Feature",
    "Given",
    "Recognition",
    "Shape",
    "Table",
    "assign",
    "check_codes",
    "check_percent",
    "check_positive",
    "check_unique",
    "codes_as_text",
    "codes_of",
    "features_of",
    "from_rows",
    "match_columns",
    "read_content",
    "read_csv",
    "read_numbers",
    "read_sheet",
    "read_years",
    "recognise",
    "refuse",
    "shapes_of",
]
