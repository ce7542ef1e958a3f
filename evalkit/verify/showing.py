"""The table of the verification, as text: for the terminal, as JSON, and as the reference page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from evalkit.verify.case import decimals
from evalkit.verify.checking import Row, summarise

DOTS = "–"
_HEAD = """# Published results, computed again

Written by `make docs` where the reference data is there; do not edit by hand.

`evalkit verify` runs the cases that ship with the program; `evalkit verify --reference DIR` runs all those of this page.
A figure is published as its source printed it and has to be met to half a unit of its last digit; another tolerance states its
reason ([decision 010](../decisions/010-published-digits.md)). *Digits* says how many significant digits agree, out of those printed.
A row of a file stands for all its figures and shows the one that differs most. A published figure that evalkit does not
compute again is listed as not covered, with the reason."""


def obtained_shown(row: Row) -> str:
    """Return what was obtained, one digit beyond what was published."""
    if row.obtained is None:
        return DOTS
    if row.count > 1:
        return f"{row.obtained:.10g}"
    places = decimals(row.published)
    return f"{row.obtained:.{places + 1 if places else 0}f}"


def digits_shown(row: Row) -> str:
    """Return the number of digits that agree, out of those printed."""
    return DOTS if row.obtained is None else f"{row.digits}/{row.printed}"


def tolerance_shown(row: Row) -> str:
    """Return the tolerance, in percent of the figure where it is relative."""
    if row.tolerance is None:
        return DOTS
    return f"{100 * row.tolerance:.3g} %" if row.relative else f"{row.tolerance:.3g}"


def record(row: Row, lang: str) -> dict[str, Any]:
    """Return a row as JSON values, its texts in a language."""
    return {
        "case": row.case,
        "family": row.family,
        "title": row.title.render(lang),
        "what": row.what.render(lang),
        "published": row.published,
        "obtained": row.obtained if row.obtained is None or math.isfinite(row.obtained) else None,
        "count": row.count,
        "digits": row.digits if row.obtained is not None else None,
        "printed": row.printed if row.obtained is not None else None,
        "tolerance": row.tolerance,
        "relative": row.relative,
        "reason": row.reason.render(lang),
        "source": row.source,
        "state": row.state,
    }


def page(rows: Sequence[Row]) -> str:
    """Return the reference page of the rows, in Markdown."""
    summary = summarise(rows)
    parts = [_HEAD, f"{summary.sentence.render('en')}; {summary.not_covered} rows are not covered."]
    for _, group in groupby(rows, key=lambda row: row.case):
        parts.append(_section(list(group)))
    return "\n\n".join(parts) + "\n"


def _section(rows: Sequence[Row]) -> str:
    first = rows[0]
    done = [row for row in rows if row.state != "not_covered"]
    lines = [f"## {first.title.render('en')}", "", f"`{first.case}` ({first.family}). Source: {first.source}.", ""]
    if done:
        lines += [
            "| what | published | obtained | digits | tolerance | reason of the tolerance |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_line(row) for row in done]
    missing = [row for row in rows if row.state == "not_covered"]
    if missing:
        lines += ["", "Not covered:", ""] if done else ["Not covered:", ""]
        lines += [f"- {row.what.render('en')} ({row.published}): {row.reason.render('en')}" for row in missing]
    return "\n".join(lines)


def _line(row: Row) -> str:
    what = row.what.render("en") if row.count == 1 else f"{row.what.render('en')} ({row.count} figures)"
    verdict = "" if row.state == "passed" else " **not met**"
    cells = (
        _cell(what), row.published, obtained_shown(row) + verdict, digits_shown(row), tolerance_shown(row),
        row.reason.render("en"),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("~", "\\~").replace("_", "\\_")
