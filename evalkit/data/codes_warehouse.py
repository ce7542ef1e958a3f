"""The problems of the warehouse, of the checks and of what is computed on its values (EVK-DATA-050 to 099).

Codes 094 and 095 are also written as the `note` of a row: their texts have no placeholders, so that a report can show them.
"""

from __future__ import annotations

from evalkit.errors import declare

NO_WAREHOUSE = declare(
    "EVK-DATA-050",
    "there is no warehouse at {folder}",
    "add a first file with `evalkit data add FILE --as DATASET`, or name the folder of the warehouse",
)
WRONG_SCHEMA = declare(
    "EVK-DATA-051",
    "the warehouse has schema version {found}; this evalkit knows version {known}",
    "install the evalkit that wrote it, or a newer one",
)
DAMAGED = declare(
    "EVK-DATA-052",
    "this file of the warehouse cannot be read ({reason})",
    "restore it from a backup, or delete the warehouse folder and add the official files again",
)
DISK_FULL = declare(
    "EVK-DATA-053",
    "the disk is full: nothing was added to {folder}",
    "free some space, or put the warehouse on another disk, then add the files again",
)
NO_PERMISSION = declare(
    "EVK-DATA-054",
    "no right to write in {folder}",
    "ask for the right to write in this folder, or name another folder for the warehouse",
)
WRITE_FAILED = declare(
    "EVK-DATA-055",
    "nothing was added to {folder}: writing failed ({reason})",
    "check the disk, then add the files again",
)
LOCKED = declare(
    "EVK-DATA-056",
    "another evalkit is adding to or removing from {folder}",
    "wait for it to end, then try again",
)
NO_DELIVERY = declare(
    "EVK-DATA-057",
    "the warehouse holds no delivery of {dataset}",
    "`evalkit data status` lists what it holds",
)
NO_VINTAGE = declare(
    "EVK-DATA-058",
    "the warehouse holds no vintage {vintage} of {dataset}; it holds {held}",
    "name one of these vintages",
)
NOT_A_WAREHOUSE = declare(
    "EVK-DATA-059",
    "{folder} holds folders of a warehouse but no schema.json",
    "name an empty folder, or restore schema.json from a backup",
)

BAD_COLUMNS = declare(
    "EVK-DATA-060",
    "{dataset}, table {kind}: wrong columns (missing: {missing}; unknown: {unknown})",
    "correct the adapter of this data set",
)
NOT_TEXT = declare(
    "EVK-DATA-061",
    "{dataset}, table {kind}: column {column} holds numbers where codes are text (01004 would become 1004)",
    "read this column as text in the adapter",
)
EMPTY_KEY = declare(
    "EVK-DATA-062",
    "{dataset}, table {kind}: column {column} is empty (rows: {n})",
    "complete the file: a row without it cannot be found again",
)
UNKNOWN_STATUS = declare(
    "EVK-DATA-063",
    "unknown status {statuses} in {dataset}",
    "use published, secret, missing, not_applicable or estimated",
)
VALUE_AND_STATUS = declare(
    "EVK-DATA-064",
    "{indicator}: a value without a status that allows one, or the reverse (rows: {n}, first: {territory}, {period})",
    "give the status that says why there is no value; a value that is not known is never 0",
)
NOT_FINITE = declare(
    "EVK-DATA-065",
    "{indicator}: an infinite number in {column} (rows: {n}, first: {territory}, {period})",
    "correct the file: such a number is usually a division by zero",
)
BAD_BOUNDS = declare(
    "EVK-DATA-066",
    "{indicator}: a value outside its own interval (rows: {n}, first: {territory}, {period})",
    "the lower bound, the value and the upper bound must follow each other; check the columns of the file",
)
UNKNOWN_INDICATOR = declare(
    "EVK-DATA-067",
    "the catalogue does not know the indicator {indicator}{nearest}",
    "write its definition in the catalogue, or correct its name",
)
LEVEL_NOT_ALLOWED = declare(
    "EVK-DATA-068",
    "{indicator} is not defined for the level {level} (it has: {levels})",
    "correct the level, or add it to the definition of the indicator after checking that it means the same",
)
DUPLICATED = declare(
    "EVK-DATA-069",
    "{dataset}, table {kind}: the same key more than once (keys: {n}, first: {keys})",
    "keep one row for each key in the file",
)
BAD_CODE = declare(
    "EVK-DATA-070",
    "level {level}, geography {geography}: not the form of such a code (codes: {n}, first: {codes})",
    "check that the file was not opened in a spreadsheet, which drops leading zeros and turns 1e5 into 100000",
)
UNKNOWN_TERRITORY = declare(
    "EVK-DATA-071",
    "level {level}, geography {geography}: not on the list of territories (codes: {n}, first: {codes})",
    "correct these codes, or add the list of territories of the right year first",
)
BAD_NAME = declare(
    "EVK-DATA-072",
    "{name} cannot be the name of a data set or of a vintage",
    "use letters, digits, points, dashes and underscores",
)
UNKNOWN_DATASET = declare(
    "EVK-DATA-073",
    "there is no data set {dataset}{nearest}",
    "`evalkit data list` shows the data sets that can be added",
)
UNKNOWN_LEVEL = declare(
    "EVK-DATA-074",
    "unknown level of territory: {levels}",
    "use one of the levels of the house: qpv, iris, commune, epci, department, region...",
)
WRONG_SOURCE = declare(
    "EVK-DATA-075",
    "{dataset}, table {kind}: another source is named ({sources})",
    "correct the adapter: the source of a row is the data set it was read from",
)
BAD_PARENTS = declare(
    "EVK-DATA-076",
    "{dataset}: parents or tags that are not the JSON lists they should be (territories: {n}, first: {territory})",
    "correct the adapter of this data set",
)

WRONG_VINTAGE = declare(
    "EVK-DATA-080",
    "{indicator}: {dataset} says {period}, but {equal} of {n} values equal those of {reference} for {other}, and only {own} those for {period}",
    "a comparison with this series would be wrong by some years: correct the period in the source, or leave this data set out of the plan",
    "warning",
)
SUSPICIOUS_ZERO = declare(
    "EVK-DATA-081",
    "{indicator}, {period}, {dataset}: 0 although the smallest other value is {smallest} (territories: {n}, first: {codes})",
    "a suppressed or missing value was probably written as 0: ask the producer, then give these rows the status missing or secret",
    "warning",
)
KEPT_MISSING = declare(
    "EVK-DATA-082",
    "{indicator}, {dataset}: values not taken over as they stand in the file (rows: {n}, reason: {note})",
    "nothing to do if the reason holds: these rows are shown as missing, never as 0",
    "warning",
)
ALL_MULTIPLES = declare(
    "EVK-DATA-083",
    "{indicator}, {period}, {dataset}: all {n} counts are multiples of {k}",
    "the counts were multiplied or rounded: check with the producer what one unit is before computing a rate",
    "warning",
)
PRECISION_DROP = declare(
    "EVK-DATA-084",
    "{indicator}, {dataset}: decimals published: {few} in {periods}, {many} in the other years",
    "a change between these years can be rounding alone: do not compare across them, or widen the interval by the rounding step",
    "warning",
)
OUT_OF_RANGE = declare(
    "EVK-DATA-085",
    "{indicator}, {period}, {dataset}: values that cannot be ({unit}, from {lowest} to {highest}; territories: {n}, first: {codes})",
    "check the unit and the column of the file before using this series",
    "warning",
)
FRACTIONS = declare(
    "EVK-DATA-086",
    "{indicator}, {period}, {dataset}: no value exceeds {highest} although the unit is percent",
    "the file probably holds fractions between 0 and 1: every comparison is then wrong by a factor of 100; multiply by 100 in the adapter",
    "warning",
)
JUMP = declare(
    "EVK-DATA-087",
    "{indicator}, {dataset}, {start} to {end}: a change beyond 8 robust standard deviations of the others (territories: {n}, first: {codes})",
    "an error of geocoding, a new contour or a change of definition is more likely than a real change: look at these before judging",
    "warning",
)
DISAGREE = declare(
    "EVK-DATA-088",
    "{indicator}, {period}: {dataset} and {reference} disagree for {n} of {total} territories (largest gap: {territory}, {first} and {second})",
    "the plan's list of sources decides which one is read: check that both measure the same thing",
    "warning",
)
ORPHANS = declare(
    "EVK-DATA-089",
    "{dataset}: level {level}, geography {geography}: codes that belong to no known territory (codes: {n}, first: {codes})",
    "their observations cannot be named nor compared: add the list or the contours of these territories, or correct the codes",
    "warning",
)
NO_LIST = declare(
    "EVK-DATA-090",
    "{dataset}: the warehouse holds no territory of level {level}, geography {geography}: codes not checked: {n}",
    "add the list or the contours of these territories",
    "warning",
)
LOW_COVERAGE = declare(
    "EVK-DATA-091",
    "{indicator}, {period}, {level}, {dataset}: {n} of {total} territories have a value ({share})",
    "suppression is not random: give n and bounds beside any mean or median of the territories that are left",
    "warning",
)
LOW_COVERAGE_SIZE = declare(
    "EVK-DATA-092",
    "{indicator}, {period}, {level}, {dataset}: {n} of {total} territories have a value ({share}); median population {shown}, "
    "against {hidden} for those without",
    "suppression is not random: give n and bounds beside any mean or median of the territories that are left",
    "warning",
)
POPULATION_JUMP = declare(
    "EVK-DATA-093",
    "{indicator}, {dataset}: the population changes by more than half between {start} and {end} (territories: {n}, first: {codes})",
    "the contour or the way of counting has probably changed: rates over these years do not describe one place",
    "warning",
)
TOO_FEW_UNITS = declare(
    "EVK-DATA-094",
    "hidden: the value rests on fewer units than its producer allows to be shown",
    "read the value of a larger territory",
    "warning",
)
TOO_FEW_SALES = declare(
    "EVK-DATA-095",
    "too few units for a value that means something",
    "put several years together, or read the value of a larger territory",
    "warning",
)
IMPLAUSIBLE_RATE = declare(
    "EVK-DATA-096",
    "{indicator} over {population}, {period}, {dataset}: above {limit} (territories: {n}, first: {codes}); probably a geocoding error",
    "persons registered at one address (a shelter, a town hall) may be counted in the district: ask the producer before showing this rate",
    "warning",
)
NO_REST = declare(
    "EVK-DATA-097",
    "{indicator} cannot be had for the rest of a territory: {reason}",
    "compare with the whole parent and say so, or with named territories",
)
BAD_DEFLATOR = declare(
    "EVK-DATA-098",
    "the deflator {deflator} cannot be used: {reason}",
    "complete the file (one row or key for each year, with its index), or ask for current prices in the plan",
)
BAD_CROSSWALK = declare(
    "EVK-DATA-099",
    "the crosswalk cannot be used: {reason}",
    "give the columns level, from_code, from_geography, to_code, to_geography, share, with shares of at most 1 for each old territory",
)
