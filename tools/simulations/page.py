"""The page of simulations: one table per function, what is not as stated first."""

from __future__ import annotations

from collections.abc import Iterable

from simulations.measure import Measured, alarm_verdict, coverage_verdict

HEAD = """# Simulations

Written by `make simulate`; do not edit by hand. The same table as data: [simulations.json](simulations.json).

Each row is a design in which the truth is known. The design is drawn many times, the function of `evalkit.stats` is asked each time, and its
answers are set against the truth. What a published case shows (that the arithmetic is right) is another question: here the question is
whether the interval can be believed with as few territories, as staggered dates or as small counts as in a real programme."""

READING = """## How to read the table

- **truth**: the quantity estimated; **bias**: mean of the estimates minus the truth, with its Monte-Carlo error after ±. Bold: more than
  three Monte-Carlo errors away from nil and more than a tenth of the empirical error. Rows marked (log) are ratios judged by their logarithm.
- **empirical SE**: the deviation of the estimates over the replications; **mean SE**: the mean of the errors that the function reports.
  The second should be near the first.
- **coverage**: how often the interval holds the truth, ± its Monte-Carlo error, among the replications that gave an interval; where some gave
  none, their share follows (`synthetic_control` gives none where no constant effect fits the gaps, `cost_effectiveness` where the effect may be
  nil, some functions refuse too few events). A bound that is not given is open.
- **false positives**: how often an effect is declared when the same draws hold none (`p ≤ 5%`; for `trend`, a direction other than "no
  significant change"; stated rate 0.2%). Not every function has a test.
- The words follow from the Monte-Carlo error: the 99% Wilson interval of the share either holds the stated level or not. `=` covers as stated,
  `▼` too short, `▲` too wide; for tests `▼` too many false alarms, `▲` fewer than stated. Of a hundred rows that are as stated, about one will
  be marked by chance.
- **seed** and **replications** stand in the row. `python tools/simulate.py --row NAME` computes one row again, alone, to the same digits; the
  name of a row is in the data. The tests of the project compute one row at each run.

Exact tests can only give a few p-values when there are few territories: with 6 territories, 3 of them treated, no re-assignment test can ever fall
below 10%, so that no 95% interval exists and none is given. `▲` is then the price of exactness, not a fault.

Source of the measures: Morris, White & Crowther (2019), Statistics in Medicine 38."""

COLUMNS = (
    "estimator", "design", "truth", "bias", "empirical SE", "mean SE", "coverage", "", "false positives", "",
    "replications", "seed",
)  # fmt: skip
SHORT_COLUMNS = ("estimator", "design", "bias", "coverage", "false positives")


def page(rows: Iterable[Measured]) -> str:
    """Return the page in Markdown."""
    found = list(rows)
    functions = list(dict.fromkeys(str(row["function"]) for row in found))
    short = [row for row in found if coverage_verdict(row).symbol == "▼"]
    many = [row for row in found if alarm_verdict(row).symbol == "▼"]
    parts = [HEAD, READING, _summary(found, short, many)]
    for function in functions:
        own = [row for row in found if row["function"] == function]
        parts += [f"## {function}", f"[What it answers](statistics.md#{function}).", _table(own)]
    return "\n\n".join(parts) + "\n"


def _summary(found: list[Measured], short: list[Measured], many: list[Measured]) -> str:
    intervals = [row for row in found if row["intervals"]]
    counts = (
        f"{len(found)} rows, {len(intervals)} of them with intervals: {len(short)} cover less often than stated, "
        f"{len(many)} give false alarms more often than stated. All of them:"
    )
    lines = [
        "## What is not as stated",
        "",
        counts,
        "",
        "| function | estimator | design | bias | coverage | false positives | why |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        if row in short or row in many:
            cells = (
                str(row["function"]), str(row["estimator"]), str(row["design"]), bias(row), coverage(row), alarms(row),
                str(row["why"]),
            )  # fmt: skip
            lines.append(_line(cells))
    return "\n".join(lines)


def _table(rows: list[Measured]) -> str:
    lines = [_line(COLUMNS), "|" + "---|" * len(COLUMNS)]
    for row in rows:
        cells = (
            str(row["estimator"]), str(row["design"]), _number(row["truth"]) + (" (log)" if row["scale"] == "log" else ""),
            bias(row), _number(row["empirical_se"]), _number(row["mean_se"]), _share(row, "coverage"),
            str(coverage_verdict(row)), _share(row, "false_positive"), str(alarm_verdict(row)),
            str(row["replications"]), str(row["seed"]),
        )  # fmt: skip
        lines.append(_line(cells))
    return "\n".join(lines)


def excerpt(rows: Iterable[Measured]) -> str:
    """Return the table without its numbers of second rank, for the reference of one function."""
    lines = [_line(SHORT_COLUMNS), "|" + "---|" * len(SHORT_COLUMNS)]
    for row in rows:
        cells = (str(row["estimator"]), str(row["design"]), bias(row), coverage(row), alarms(row))
        lines.append(_line(cells))
    return "\n".join(lines)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: str | float | None) -> str:
    return "–" if value is None else f"{float(value):.3g}".replace("-", "−")


def bias(row: Measured) -> str:
    """Return the bias with its Monte-Carlo error, bold when it is real and large enough to matter."""
    value, error, spread = (float(row[key] or 0) for key in ("bias", "bias_error", "empirical_se"))
    text = f"{_number(value)} ± {_number(error)}"
    return f"**{text}**" if abs(value) > max(3 * error, spread / 10) else text


def coverage(row: Measured) -> str:
    """Return the coverage with its verdict."""
    verdict = coverage_verdict(row)
    return verdict.words if verdict.symbol == "–" else f"{_share(row, 'coverage')} {verdict}"


def alarms(row: Measured) -> str:
    """Return the rate of false alarms with its verdict."""
    verdict = alarm_verdict(row)
    return "–" if verdict.symbol == "–" else f"{_share(row, 'false_positive')} {verdict}"


def _share(row: Measured, kind: str) -> str:
    value = row["coverage" if kind == "coverage" else "false_positive_rate"]
    if value is None:
        return "–"
    digits = 1 if row["confidence"] == 0.95 else 2
    text = f"{100 * float(value):.{digits}f}% ± {100 * float(row[f'{kind}_error'] or 0):.{digits}f}"
    given, drawn = int(row["intervals"] or 0), int(row["replications"] or 0)
    return text + (f" (given in {100 * given / drawn:.3g}%)" if kind == "coverage" and given < drawn else "")
