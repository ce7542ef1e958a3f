"""The problems of reading official files (EVK-DATA-001 to 049).

Codes 001 to 016 are also written as the `note` of a row: their texts have no placeholders, so that a report can show them.
"""

from __future__ import annotations

from evalkit.errors import declare

# --- notes of rows ---
FEW_DWELLINGS = declare(
    "EVK-DATA-001",
    "blank in the file: too few dwellings, or too few vacancies (0 to 10), to be published",
    "do not average the published values alone, they are not a random sample",
    "warning",
)
SECRET_OR_NO_DATA = declare(
    "EVK-DATA-002",
    "blank in the file: secret or without data, the producer does not say which",
    "it is kept as secret",
    "warning",
)
NOT_PRODUCED = declare(
    "EVK-DATA-003", "the producer gives no value of this kind for that year", "it is kept as missing", "warning"
)
ABSENT_THAT_YEAR = declare(
    "EVK-DATA-004", "the territory is not in the file of that year", "it is kept as missing", "warning"
)
ONE_DECIMAL = declare(
    "EVK-DATA-005",
    "published with one decimal only",
    "do not compare it with the later values, which have three: the difference is rounding",
    "warning",
)
WRONG_YEAR = declare(
    "EVK-DATA-006",
    "income of 2015, although the file is published as 2017",
    "it is kept under 2015: the values equal those of INSEE for 2015",
    "warning",
)
ZERO_IMPOSSIBLE = declare(
    "EVK-DATA-007", "0 in the file, which cannot be true", "it is kept as missing, not as zero", "warning"
)
FEW_SALES = declare(
    "EVK-DATA-008", "fewer than 11 sales: no median is given", "it is kept as missing, it is not secret", "warning"
)
ABOVE_THRESHOLD = declare(
    "EVK-DATA-009",
    "blank although the territory is above the threshold of publication",
    "it is kept as missing; ask the producer",
    "warning",
)
NOT_SIGNIFICANT = declare(
    "EVK-DATA-010", "marked as not significant by the producer", "it is kept as missing", "warning"
)
COMPOSITE_CONTRACT = declare(
    "EVK-DATA-011",
    "a code that joins two contracts: its population in priority districts is not known",
    "the count is kept, the rate is missing",
    "warning",
)
MIXED_YEARS = declare(
    "EVK-DATA-012",
    "count of 2019 over the population of 2013",
    "read the level, not the change",
    "warning",
)
OVER_HOUSEHOLDS = declare(
    "EVK-DATA-013",
    "share over households in 2010, over families in later years",
    "do not compare it with a later year",
    "warning",
)
COMPILATION_YEAR = declare(
    "EVK-DATA-014",
    "the file does not date this count: the year is that of its compilation",
    "read the level, not the change",
    "warning",
)
YEAR_NOT_STATED = declare(
    "EVK-DATA-015",
    "the file does not state the year: it is taken from the other values of the same producer",
    "check it with the producer before comparing years",
    "warning",
)
NO_DENOMINATOR = declare(
    "EVK-DATA-016",
    "the population in priority districts of this contract is not in the file",
    "the count is kept, the rate is missing",
    "warning",
)

OTHER_YEAR = declare(
    "EVK-DATA-017",
    "the name of the file says {found}, {dataset} holds {expected}",
    "rename the file if its name is wrong; another year is another data set",
)

TWICE_IN_HEADER = declare(
    "EVK-DATA-018", "the column {column} stands twice in the header", "keep one of the two columns, or rename one"
)
BAD_MAP = declare("EVK-DATA-019", "the map cannot be read ({reason})", "download the file again from {page}")

# --- the file itself ---
FILE_UNREADABLE = declare("EVK-DATA-020", "the file cannot be read ({reason})", "check its place and its rights")
WRONG_CONTAINER = declare(
    "EVK-DATA-021",
    "this is {found}, not {expected}",
    "download the file again from {page} and check that it opens",
)
FILE_EMPTY = declare("EVK-DATA-022", "the file holds no data", "download it again from {page}")
TRUNCATED = declare(
    "EVK-DATA-023",
    "the last line has {found} fields instead of {expected}: the file is cut",
    "download it again from {page}",
)
FIELD_COUNT = declare(
    "EVK-DATA-024", "the line has {found} fields instead of {expected}", "correct the line, or download the file again"
)
OPEN_QUOTE = declare(
    "EVK-DATA-025",
    "a quotation mark opened here is never closed: the file is cut or damaged",
    "download it again from {page}",
)
WRONG_COLUMNS = declare(
    "EVK-DATA-026",
    "missing columns for {dataset}: {missing}",
    "the nearest columns in the file are: {nearest}",
)
OTHER_DATASET = declare(
    "EVK-DATA-027", "the file is not {dataset}, its header is that of {found}", "add it with --as {found}"
)
NOT_IMPORTED = declare("EVK-DATA-028", "the file is not imported: {reason}", "add the official data set instead")
DUPLICATE_KEY = declare(
    "EVK-DATA-029", "{key} stands on line {first} already", "keep the right one of the two lines in the file"
)
BAD_CODE = declare(
    "EVK-DATA-030", "{code} in {column} is not {expected}", "correct it, or check that the column was read as text"
)
NOT_A_NUMBER = declare(
    "EVK-DATA-031",
    "{text} in {column} is not a number, nor a known mark of a missing value",
    "correct it, or leave the field blank",
)
FRACTIONS = declare(
    "EVK-DATA-032",
    "{column} holds fractions (its largest value is {largest}), percentages from 0 to 100 are expected",
    "multiply the column by 100, or take the file of the producer",
)
NOT_UTF8 = declare(
    "EVK-DATA-033", "the file is not in UTF-8, it was read as Windows-1252 (Latin-1)", "check the accents", "warning"
)
NO_LAST_BREAK = declare(
    "EVK-DATA-034",
    "the file does not end with a line break: its last value may be cut",
    "check the last line",
    "warning",
)
ROWS_NOTED = declare("EVK-DATA-035", "{count} values ({columns}): {note}", "", "warning")
ROWS_LEFT_OUT = declare("EVK-DATA-036", "{count} rows left out: {reason}", "", "warning")
FILE_NOT_GIVEN = declare(
    "EVK-DATA-037", "the file {name} was not given: {consequence}", "add both files in one command", "warning"
)
MULTIPLE_OF_THREE = declare(
    "EVK-DATA-038",
    "every count of {column} is a multiple of three: they were probably multiplied",
    "do not read the level; compare territories only",
    "warning",
)
UNKNOWN_HEADER = declare(
    "EVK-DATA-039",
    "the header is that of no known data set: {header}",
    "see `evalkit data list` for the data sets and their files",
)
REGISTRY_REFUSED = declare("EVK-DATA-040", "the registry entry is refused: {reason}", "correct the entry")
RING_REPAIRED = declare(
    "EVK-DATA-041",
    "{count} contours cross themselves and were repaired, first of all {codes}",
    "check them on a map",
    "warning",
)
BAD_GEOMETRY = declare(
    "EVK-DATA-042", "the contour of {code} cannot be read ({reason})", "download the file again from {page}"
)
BAD_YEAR = declare("EVK-DATA-043", "{text} in {column} is not a year", "correct it")
REPEATED_ROWS = declare(
    "EVK-DATA-044", "{count} rows repeat a code that was already read: {codes}", "the first of each is kept", "warning"
)
VALUES_DIFFER = declare(
    "EVK-DATA-045",
    "{key} has two values, {first} and {second}",
    "keep the right one of the two in the file",
)
AND_MORE = declare("EVK-DATA-046", "{count} more problems like the last one", "correct the first ones and try again")
NO_SHEET = declare("EVK-DATA-047", "the workbook has no sheet {sheet}", "its sheets are: {found}")
NEGATIVE = declare("EVK-DATA-048", "{text} in {column} is below zero", "correct it")
PARTS_JOINED = declare(
    "EVK-DATA-049",
    "{count} contracts lie in two departments: {codes}",
    "their parts are one contract, their populations are added",
    "warning",
)
