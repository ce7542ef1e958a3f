"""A plan on the way in: the frozen plan as far as it could be read, and the way back to the file for every problem."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from evalkit.errors import Code, Problem
from evalkit.model.indicator import Indicator
from evalkit.model.plan import EvaluationPlan
from evalkit.plan.build import build_plan
from evalkit.plan.codes import TERRITORY_FILE, UNREADABLE
from evalkit.plan.salvage import Salvage, salvage
from evalkit.plan.territory_file import read_territory_file
from evalkit.text import Message, msg
from evalkit.text.yamlines import Located, Path, YamlFault, YamlProblem, dotted, parse_yaml


@dataclass(frozen=True)
class Draft:
    """A plan that may still be refused: sections that could not be read are empty in `plan`."""

    plan: EvaluationPlan
    file: str
    located: Located
    salvage: Salvage

    def has(self, section: str) -> bool:
        """Say whether a top-level section could be read."""
        return getattr(self.salvage.sections, section) is not None

    def complete(self, *path: str | int) -> bool:
        """Say whether nothing was set aside at or under a path of the plan."""
        return not self.salvage.touched(self.salvage.original(path))

    def written_ids(self, section: str, inner: str | None = None) -> frozenset[str]:
        """Return the ids that a section of the file declares, those of refused items too; with `inner`, those of the lists inside its items."""
        items = _items(self.located.data, section)
        if inner is not None:
            items = [part for item in items for part in _items(item, inner)]
        found = (item.get("id") for item in items if isinstance(item, dict))
        return frozenset(name for name in found if isinstance(name, str))

    def listed_code(self, position: int) -> Path:
        """Return the path of a code of the plan's territories: an item of `codes`, or the file that lists them."""
        territories = self.salvage.sections.territories
        from_file = territories is not None and territories.file is not None
        return ("territories", "file") if from_file else ("territories", "codes", position)

    def line(self, *path: str | int) -> int:
        """Return the line in the file of a path of the plan."""
        return self.located.line_of(self.salvage.original(path))

    def problem(self, code: Code, at: Path, /, **values: Any) -> Problem:
        """Return a problem that points at a path of the plan."""
        place = self.salvage.original(at)
        return Problem(code, values, self.file, self.located.line_of(place), dotted(place))


def read_draft(path: FilePath, catalogue: Mapping[str, Indicator]) -> tuple[Draft | None, list[Problem]]:
    """Read a plan as far as possible; return it, or None when it is not YAML, with every problem of form."""
    file = str(path)
    try:
        content = path.read_bytes()
        located = parse_yaml(content)
    except OSError as error:
        return None, [Problem(UNREADABLE, {"reason": _why(error)}, file)]
    except YamlProblem as error:
        return None, [_unreadable(fault, file) for fault in error.faults]
    found, problems = salvage(located, file)
    listed, wrong = _listed_codes(found, located, path, file)
    plan = build_plan(found.sections, path, hashlib.sha256(content).hexdigest(), listed, catalogue)
    return Draft(plan, file, located, found), [*problems, *wrong]


def _items(parent: Any, key: str) -> list[Any]:
    """Return the list under a key of what may be anything."""
    found = parent.get(key) if isinstance(parent, dict) else None
    return found if isinstance(found, list) else []


def _unreadable(fault: YamlFault, file: str) -> Problem:
    return Problem(UNREADABLE, {"reason": fault.message}, file, fault.line, dotted(fault.path) if fault.path else None)


def _listed_codes(
    found: Salvage, located: Located, path: FilePath, file: str
) -> tuple[tuple[str, ...], tuple[Problem, ...]]:
    """Return the territory codes of the file that the plan names, and what is wrong with it."""
    territories = found.sections.territories
    if territories is None or territories.file is None:
        return (), ()
    listed = path.parent / territories.file
    try:
        return read_territory_file(listed)
    except OSError as error:
        at: Path = ("territories", "file")
        values = {"name": territories.file, "reason": _why(error)}
        return (), (Problem(TERRITORY_FILE, values, file, located.line_of(at), dotted(at)),)


def _why(error: OSError) -> Message:
    if isinstance(error, FileNotFoundError):
        return msg("the file does not exist")
    return msg("the system says: {said}", said=error.strerror)
