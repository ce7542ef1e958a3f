"""Validation that goes on: what is refused is set aside with its problem, what is left is read, with the old paths kept."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from evalkit.errors import Problem
from evalkit.plan.codes import CODE_NOT_TEXT, UNREADABLE
from evalkit.plan.refusals import found_kind, place_of, to_problem
from evalkit.plan.schema import PlanDocument, PlanSections
from evalkit.text import msg
from evalkit.text.yamlines import Located, Path, dotted

_ROUNDS = 40
_GONE: Any = object()
_CODE_PLACES = re.compile(
    r"\$\.(?:(?:territories|comparators\[\d+\])\.(?:codes|select\.[^.\[\]]+)|recommendations\[\d+\]\.territories)\[\d+\]"
)
_STAND_INS = (
    (re.compile(r"\$\.questions\[\d+\]\.criterion"), "relevance"),
    (re.compile(r"\$\.questions\[\d+\](?:\.criteria\[\d+\])?\.text"), "?"),
    (re.compile(r"\$\.questions\[\d+\]\.criteria\[\d+\]\.met_if"), "upper < 0"),
)
"""What takes the place of a refused value whose absence would hide everything around it; no check looks at it."""
_STOOD_IN = ("criterion", "text", "met_if")
_NUMBER_SOMEWHERE = re.compile(r"[-+]?(?:0[xob])?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?(?::[0-9.:]+)?")


@dataclass(frozen=True)
class Salvage:
    """What could be read of a plan, what was set aside, and where each part stood in the file."""

    sections: PlanSections
    aside: frozenset[Path] = frozenset()
    kept: dict[Path, list[int]] = field(default_factory=dict)

    def original(self, path: Path) -> Path:
        """Return the path in the file of a path in `sections`: list items that were set aside are counted again."""
        found: Path = ()
        for position, step in enumerate(path):
            items = self.kept.get(path[:position]) if isinstance(step, int) else None
            found = (*found, step if items is None or not isinstance(step, int) else items[step])
        return found

    def touched(self, path: Path) -> bool:
        """Say whether something was set aside at or under a path of the file."""
        return path in self._above

    @functools.cached_property
    def _above(self) -> frozenset[Path]:
        return frozenset(aside[:length] for aside in self.aside for length in range(len(aside) + 1))


def salvage(located: Located, file: str) -> tuple[Salvage, list[Problem]]:
    """Validate a plan; return what could be read, and every problem of form that it has."""
    if not isinstance(located.data, dict):
        empty = msg("the file is empty") if located.data is None else msg("it holds no keys such as 'evaluation:'")
        return Salvage(PlanSections()), [Problem(UNREADABLE, {"reason": empty}, file, 1)]
    wrong_codes = dict(_codes_not_text(located, file))
    problems = list(wrong_codes.values())
    aside: dict[Path, Any] = dict.fromkeys(wrong_codes, _GONE)
    for attempt in range(_ROUNDS):
        kept: dict[Path, list[int]] = {}
        data = _prune(located.data, aside, (), (), kept)
        try:
            sections = (PlanSections if attempt else PlanDocument).model_validate(data)
        except ValidationError as error:
            problems += _set_aside(error, Salvage(PlanSections(), frozenset(aside), kept), aside, located, file)
        else:
            return Salvage(sections, frozenset(aside), kept), problems
    return Salvage(PlanSections(), frozenset(aside)), problems


def _set_aside(
    error: ValidationError, before: Salvage, aside: dict[Path, Any], located: Located, file: str
) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        path = before.original(place_of(detail))
        missing = detail["type"] == "missing"
        if not before.touched(path):
            yield to_problem(detail, path, located, file)
        stand_in = next((value for form, value in _STAND_INS if form.fullmatch(dotted(path))), _GONE)
        if stand_in is not _GONE and path not in aside:
            aside[path] = stand_in
        elif not missing or len(path) > 1:
            aside[path[:-1] if missing else path] = _GONE


def _prune(node: Any, aside: dict[Path, Any], path: Path, new: Path, kept: dict[Path, list[int]]) -> Any:
    """Return a copy without what was set aside, or with its stand-in; note which list items were kept."""
    if isinstance(node, dict):
        left = {
            key: _prune(value, aside, (*path, key), (*new, key), kept)
            for key, value in node.items()
            if (*path, key) not in aside
        }
        stand_ins = {key: aside.get((*path, key), _GONE) for key in _STOOD_IN}
        return left | {key: value for key, value in stand_ins.items() if value is not _GONE}
    if isinstance(node, list):
        kept[new] = [index for index in range(len(node)) if (*path, index) not in aside]
        return [_prune(node[index], aside, (*path, index), (*new, rank), kept) for rank, index in enumerate(kept[new])]
    return node


def _codes_not_text(located: Located, file: str) -> Iterator[tuple[Path, Problem]]:
    """Codes written without quotes that YAML reads as something else, or that another YAML reader would: 11, 01004, NO, 1e3."""
    for path, value in _scalars(located.data, ()):
        if not _CODE_PLACES.fullmatch(dotted(path)) or not located.is_plain(path):
            continue
        raw = located.raw_of(path) or ""
        text_by_luck = isinstance(value, str) and _NUMBER_SOMEWHERE.fullmatch(value)
        if raw and (not isinstance(value, str) or text_by_luck):
            kind = msg("a number") if text_by_luck else found_kind(value)
            yield path, Problem(CODE_NOT_TEXT, {"raw": raw, "kind": kind}, file, located.line_of(path), dotted(path))


def _scalars(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    items: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else None
    if items is None:
        yield path, node
    else:
        for step, value in items:
            yield from _scalars(value, (*path, step))
