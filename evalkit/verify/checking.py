"""Running the cases again: one row for each published figure."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evalkit import __version__
from evalkit.errors import EvalkitError, UsageError
from evalkit.text import Message, Quantity, msg, nmsg
from evalkit.verify.case import Answers, Case, Column, Figure, digits, met, significant
from evalkit.verify.codes import NO_REFERENCE_FOLDER
from evalkit.verify.reading import Reference
from evalkit.verify.registry import cases

State = Literal["passed", "failed", "not_covered"]
FILE_DIGITS = 15


@dataclass(frozen=True)
class Row:
    """One published figure, what was obtained, and the verdict.

    `count` says for how many figures of one file the row stands; `published` and `obtained` are then those that differ most.
    """

    case: str
    family: str
    title: Message
    what: Message
    published: str
    obtained: float | None
    count: int
    digits: int
    printed: int
    tolerance: float | None
    relative: bool
    reason: Message
    source: str
    state: State


def verification_table(reference: Path | None = None) -> tuple[Row, ...]:
    """Return one row for each published figure: the cases that ship, and those of the reference folder where one is named.

    Args:
        reference: folder of the reference data; None runs the shipped cases (once: later calls get the same rows).

    Raises:
        UsageError: a folder that holds none of the cases.
    """
    if reference is None:
        return _shipped()
    found = Reference(reference)
    if not any(found.holds(case.needs) for case in cases() if not case.shipped):
        raise UsageError.of(NO_REFERENCE_FOLDER, folder=str(reference))
    return tuple(row for case in cases() for row in check(case, found))


@functools.cache
def _shipped() -> tuple[Row, ...]:
    return tuple(row for case in cases() if case.shipped for row in check(case, Reference()))


def check(case: Case, reference: Reference) -> Iterator[Row]:
    """Yield the rows of a case: its figures, then what it does not cover."""
    if not reference.holds(case.needs):
        absent = msg("not in the reference folder: {files}", files=", ".join(case.needs))
        yield from (_silent(case, figure, absent, "not_covered") for figure in case.figures)
    elif case.figures:
        yield from _computed(case, reference)
    for gap in case.gaps:
        yield Row(
            case.id, case.family, case.title, gap.what, gap.published, None, 1, 0, 0, None, False, gap.reason, case.source,
            "not_covered",
        )  # fmt: skip


def _computed(case: Case, reference: Reference) -> Iterator[Row]:
    try:
        answers = case.compute(reference)
    except EvalkitError as error:
        said = msg("refused: {problem}", problem=Refusal(error))
        yield from (_silent(case, figure, said, "failed") for figure in case.figures)
        return
    yield from (_compared(case, figure, answers) for figure in case.figures)


@dataclass(frozen=True)
class Refusal:
    """An error as a value of a message."""

    error: EvalkitError

    def render(self, lang: str) -> str:
        """Return its problems in a language, on one line."""
        return "; ".join(problem.message(lang) for problem in self.error.problems)


def _silent(case: Case, figure: Figure, reason: Message, state: State) -> Row:
    published = figure.published or ""
    return Row(
        case.id, case.family, case.title, figure.what, published, None, 1, 0, 0, figure.tolerance, figure.relative, reason,
        case.source, state,
    )  # fmt: skip


def _compared(case: Case, figure: Figure, answers: Answers) -> Row:
    answer = answers[figure.subject][figure.statistic]
    if isinstance(answer, Column):
        pairs = [(float(p), float(o)) for p, o in zip(answer.published, answer.obtained, strict=True)]
        most = FILE_DIGITS
    else:
        assert figure.published is not None, f"{case.id}: {figure.subject} {figure.statistic} has no published figure"
        pairs, most = [(float(figure.published), answer)], significant(figure.published)
    if not pairs:
        return _silent(case, figure, msg("the file holds no figure"), "failed")
    published, obtained = max(pairs, key=lambda pair: _distance(*pair, relative=figure.relative))
    good = all(met(o, p, figure.tolerance, relative=figure.relative) for p, o in pairs)
    return Row(
        case.id, case.family, case.title, figure.what, figure.published or f"{published:.10g}", obtained, len(pairs),
        digits(obtained, published, most), most, figure.tolerance, figure.relative, figure.reason, case.source,
        "passed" if good else "failed",
    )  # fmt: skip


def _distance(published: float, obtained: float, *, relative: bool) -> float:
    gap = abs(obtained - published)
    if not math.isfinite(gap):
        return math.inf
    return gap / abs(published) if relative and published else gap


@dataclass(frozen=True)
class Summary:
    """How many published figures, of how many cases, were reproduced."""

    figures: int
    passed: int
    cases: int
    not_covered: int

    @property
    def failed(self) -> int:
        """Number of figures that are not met."""
        return self.figures - self.passed

    @property
    def sentence(self) -> Message:
        """What a report says: how many published figures this version reproduces."""
        return nmsg(
            "{passed} of {n} published figure reproduced with evalkit {version} ({cases} cases)",
            "{passed} of {n} published figures reproduced with evalkit {version} ({cases} cases)",
            self.figures,
            passed=Quantity(self.passed),
            cases=Quantity(self.cases),
            version=__version__,
        )


def summarise(rows: Iterable[Row]) -> Summary:
    """Count the figures of a table; a row of a file counts each of its figures."""
    every = list(rows)
    tried = [row for row in every if row.state != "not_covered"]
    return Summary(
        sum(row.count for row in tried),
        sum(row.count for row in tried if row.state == "passed"),
        len({row.case for row in tried}),
        len(every) - len(tried),
    )
