"""Problem codes of reports and portfolios (`EVK-RUN-060` to `EVK-RUN-079`)."""

from evalkit.errors import declare

NO_CONTEXT = declare(
    "EVK-RUN-060",
    "the executed notebook says nothing of its territory",
    "the first code cell of a template calls `open_evaluation(...)`",
)
NO_SUMMARY = declare(
    "EVK-RUN-061",
    "the executed notebook has no summary of its sources and its data quality",
    "the last code cell of a template calls `ev.conclude()`",
)
TWICE = declare(
    "EVK-RUN-062",
    "the executed notebook holds {n} outputs of the kind {kind}, one is expected",
    "call `open_evaluation(...)` and `ev.conclude()` once in a template",
)
NEWER_PAYLOAD = declare(
    "EVK-RUN-063",
    "the notebook was executed by a newer evalkit (output schema {found}, this one reads {known})",
    "install the newer version, or run the task again",
)
BAD_PAYLOAD = declare(
    "EVK-RUN-064",
    "an output of the kind {kind} lacks {name}",
    "record findings and figures only through `ev.record(...)` and `ev.figure(...)`",
)
NO_ALT = declare(
    "EVK-RUN-065",
    "the figure {figure} has no text alternative",
    'give it one: `ev.figure(chart, alt="...")`',
)
BAD_FIGURE_ID = declare(
    "EVK-RUN-066",
    "the figure name {figure} cannot be a file name",
    "begin with a letter; use letters, digits, `.`, `_` and `-`",
)
SAME_FIGURE_ID = declare(
    "EVK-RUN-067",
    "two figures of the report are called {figure}",
    "give each figure its own name",
)
BAD_SVG = declare(
    "EVK-RUN-068",
    "the picture of the figure {figure} is not readable SVG",
    "draw it with the functions of `ev.charts`",
)
ACTIVE_CONTENT = declare(
    "EVK-RUN-069",
    "the figure {figure} holds {what}, which a report does not allow",
    "draw it with the functions of `ev.charts`",
)
UNKNOWN_PLACEHOLDER = declare(
    "EVK-RUN-070",
    "a text of the template holds the unknown placeholder {name}",
    "the known ones are {known}",
)
IMAGE_IN_TEXT = declare(
    "EVK-RUN-071",
    "a text of the template holds the image {url}",
    "a picture enters a report only through `ev.figure(...)`, with its text alternative",
)
NO_DATA = declare(
    "EVK-RUN-072",
    "the figure {figure} has no data table",
    "give the chart the data that it shows",
)
WRONG_META = declare(
    "EVK-RUN-073",
    "the page says {name} = {found}, the task says {expected}",
    "the page is not published: run the task again",
)
WRONG_TITLE = declare(
    "EVK-RUN-074",
    "the title of the page, “{found}”, does not name the territory {expected}",
    "the page is not published: run the task again",
)
WRONG_CONTEXT = declare(
    "EVK-RUN-075",
    "the executed notebook says {name} = {found}, the task says {expected}",
    "the page is not published: run the task again",
)
WRONG_FINDING = declare(
    "EVK-RUN-076",
    "finding {number} is about {name} = {found}, the task says {expected}",
    "the page is not published: run the task again",
)
NO_VOLATILE_LINE = declare(
    "EVK-RUN-077",
    "the page has {n} marked lines with the run and the time, one is expected",
    "render the page again",
)
