"""The errors of evalkit: one root, a stable code on each problem, the place where it stands and the way out.

    EvalkitError                 exit code 2 unless said otherwise
    ├── UsageError               a command was called in a way that cannot be carried out        EVK-USE-nnn
    ├── PlanError                the evaluation plan is refused                                   EVK-PLAN-nnn
    ├── CatalogueError           an indicator definition is refused                               EVK-CAT-nnn
    ├── DataError                a data file or the warehouse is refused                          EVK-DATA-nnn
    ├── StatsError               a statistic cannot be computed from what was given               EVK-STAT-nnn
    ├── TemplateError            a notebook template is refused, or misuses the facade            EVK-TPL-nnn
    ├── RefusedTerritoryError         a template declares that it cannot treat this territory          EVK-TPL-nnn
    └── RunError                 a run folder, its ledger or a task                               EVK-RUN-nnn

Each code is declared once, beside the room that raises it, with `declare(...)`; the reference page lists them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from evalkit.text.messages import Message
from evalkit.text.units import NBSP, NNBSP

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Code:
    """A stable problem code: its message (English source text with `{placeholders}`), the way out, and its severity."""

    id: str
    message: str
    way_out: str = ""
    severity: Severity = "error"


CODES: dict[str, Code] = {}


def declare(id: str, message: str, way_out: str = "", severity: Severity = "error") -> Code:
    """Register a problem code; a code is declared once in the whole project."""
    if id in CODES:
        raise ValueError(f"code {id} is declared twice")
    CODES[id] = Code(id, message, way_out, severity)
    return CODES[id]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: what, where (file, line, `$.path`), and what to do."""

    code: Code
    values: dict[str, Any] = field(default_factory=dict)
    file: str | None = None
    line: int | None = None
    path: str | None = None

    @property
    def severity(self) -> Severity:
        """`error` refuses, `warning` is shown and goes on."""
        return self.code.severity

    def message(self, lang: str) -> str:
        """Return the message and the way out, without the place."""
        values = {"file": self.file or "", **self.values}
        parts = [Message(self.code.message, values).render(lang)]
        if self.code.way_out:
            parts.append(Message(self.code.way_out, values).render(lang))
        return (f"{NBSP}: " if lang == "fr" else ": ").join(parts)

    def render(self, lang: str) -> str:
        """Return `file:line: CODE message @ $.path`, the parts that are known, on one line."""
        place = "" if self.file is None else f"{self.file}:" if self.line is None else f"{self.file}:{self.line}:"
        text = " ".join(part for part in (place, self.code.id, self.message(lang)) if part)
        text = f"{text} @ {self.path}" if self.path else text
        return "".join(character if character.isprintable() or character in NBSP + NNBSP else " " for character in text)


class EvalkitError(Exception):
    """Root of all errors of evalkit; carries its problems as data."""

    exit_code = 2

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(problem.render("en") for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)

    @classmethod
    def of(
        cls, code: Code, /, *, file: str | None = None, line: int | None = None, path: str | None = None, **values: Any
    ) -> Self:
        """Build the error from one code and its values."""
        return cls(Problem(code, values, file, line, path))

    def render(self, lang: str) -> str:
        """Return every problem, one a line."""
        return "\n".join(problem.render(lang) for problem in self.problems)


class UsageError(EvalkitError):
    """A command was called in a way that cannot be carried out."""


class PlanError(EvalkitError):
    """The evaluation plan is refused."""


class CatalogueError(EvalkitError):
    """An indicator definition is refused."""


class DataError(EvalkitError):
    """A data file or the warehouse is refused."""


class StatsError(EvalkitError):
    """A statistic cannot be computed from what was given; the message says what is missing."""


class TemplateError(EvalkitError):
    """A notebook template is refused, or misuses the facade."""


class RefusedTerritoryError(EvalkitError):
    """A template declares that it cannot treat this territory; the run lists it and goes on."""


class RunError(EvalkitError):
    """A run folder, its ledger or a task is not what it should be."""
