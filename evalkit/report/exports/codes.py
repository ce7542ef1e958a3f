"""Problem codes of exports (`EVK-RUN-110` to `EVK-RUN-129`)."""

from evalkit.errors import declare

NOTHING = declare(
    "EVK-RUN-110",
    "nothing to export: the run has no published report for this choice",
    "`evalkit runs show RUN` says what became of each report",
)
UNKNOWN_TERRITORY = declare(
    "EVK-RUN-111",
    "the run has no territory {code}",
    "the nearest: {near}",
)
UNKNOWN_PART = declare(
    "EVK-RUN-112",
    "the run has no report of this template or in this language: {name}",
    "the run has {known}",
)
NOT_FINISHED = declare(
    "EVK-RUN-113",
    "the run {folder} has not ended once, it has no manifest",
    "give the run command again",
)
OUT_EXISTS = declare(
    "EVK-RUN-114",
    "{out} exists already, nothing was written",
    "give another path with --out, or remove it first",
)
OUT_NOT_WRITABLE = declare(
    "EVK-RUN-115",
    "{out} cannot be written: {reason}",
    "give another path with --out",
)
OUT_IN_RUN = declare(
    "EVK-RUN-116",
    "{out} lies in the run folder, which is published as it is",
    "give a path outside of it with --out",
)
MANY_DOCUMENTS = declare(
    "EVK-RUN-117",
    "{out} is one file, this choice makes {n} documents",
    "give a folder (a path that does not end in .{ending}), or choose with --territory and --lang",
)
NO_PLAYWRIGHT = declare(
    "EVK-RUN-118",
    "PDF files are made with a browser, and the package playwright that drives it is missing",
    "install the extra `evalkit[pdf]` with pip",
)
NO_BROWSER = declare(
    "EVK-RUN-119",
    "PDF files are made with a browser, and no Chromium or Chrome was found",
    "install the package chromium, or give the path of one in the variable EVALKIT_CHROMIUM",
)
BROWSER_FAILED = declare(
    "EVK-RUN-120",
    "the browser {browser} could not print: {reason}",
    "try another one with the variable EVALKIT_CHROMIUM",
)
LEFT_OUT = declare(
    "EVK-RUN-121",
    "{name} is left out of the crate, it may hold a secret or results (line {line})",
    "take it out of the file and run again, if others need the file",
    "warning",
)
NO_REPORT_OF = declare(
    "EVK-RUN-122",
    "no published report of {codes}",
    "`evalkit runs show RUN` says why; the others are exported",
    "warning",
)
