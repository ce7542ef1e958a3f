"""Which codes may stand for which territory: the form of a code, and the lists of territories that the warehouse holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from evalkit.data.codes_warehouse import BAD_CODE, BAD_PARENTS, UNKNOWN_LEVEL, UNKNOWN_TERRITORY
from evalkit.errors import Code, Problem
from evalkit.model.territory import LEVELS, is_code
from evalkit.text import Quantity

if TYPE_CHECKING:
    from evalkit.data.registry import Dataset

ReferenceLists = Mapping[tuple[str, str], frozenset[str]]
"""The official codes of a (level, geography), where a delivery brought the list."""

SHOWN = 10
_FORMS: dict[tuple[str, str | None], re.Pattern[str]] = {
    ("qpv", "2015"): re.compile(r"QP[0-9]{2}[0-9AB][0-9]{3}"),
    ("commune", None): re.compile(r"[0-9][0-9AB][0-9]{3}"),
    ("department", None): re.compile(r"[0-9]{2}|2[AB]|9[0-9]{2}"),
}
"""Official forms; a synthetic data set may use its own codes."""

_PLACED = {"observations": "territory", "operations": "territory", "structures": "territory", "territories": "code"}


def place_problems(
    frames: Mapping[str, pd.DataFrame], dataset: Dataset, reference_lists: ReferenceLists
) -> Iterator[Problem]:
    """Yield what is wrong with the territories that a delivery names."""
    named = _named(frames)
    levels = sorted({level for _, level, _, _ in named} - set(LEVELS))
    if levels:
        yield Problem(UNKNOWN_LEVEL, {"levels": levels})
    for (level, geography), codes in _grouped(named).items():
        wrong = [code for code in codes if not has_form(code, level, geography, official=not dataset.synthetic)]
        if wrong:
            yield _problem(BAD_CODE, wrong, level, geography)
    own = {(level, geography) for level, geography in dataset.reference_lists}
    listed = _grouped([item for item in named if item[3]])
    for key, codes in _grouped([item for item in named if not item[3]]).items():
        known = {*reference_lists.get(key, ()), *(listed.get(key, ()) if key in own else ())}
        unknown = [code for code in codes if code not in known]
        if known and unknown:
            yield _problem(UNKNOWN_TERRITORY, unknown, *key)
    yield from _lists(frames["territories"], dataset)


def has_form(code: str, level: str, geography: str, *, official: bool = True) -> bool:
    """Say whether a text can be the code of a territory of this level and geography."""
    form = _FORMS.get((level, geography)) or _FORMS.get((level, None))
    return is_code(code) and (not official or form is None or form.fullmatch(code) is not None)


def _named(frames: Mapping[str, pd.DataFrame]) -> list[tuple[str, str, str, bool]]:
    """Every (code, level, geography) that a delivery names, and whether it names it as a territory."""
    found: set[tuple[str, str, str, bool]] = set()
    for kind, column in _PLACED.items():
        rows = frames[kind][[column, "level", "geography"]].dropna().drop_duplicates()
        found.update((*row, kind == "territories") for row in rows.itertuples(index=False, name=None))
    return sorted(found)


def _grouped(named: list[tuple[str, str, str, bool]]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for code, level, geography, _ in named:
        found.setdefault((level, geography), set()).add(code)
    return {key: sorted(codes) for key, codes in sorted(found.items())}


def _problem(code: Code, wrong: list[str], level: str, geography: str) -> Problem:
    shown = wrong[:SHOWN]
    return Problem(code, {"n": Quantity(len(wrong)), "codes": shown, "level": level, "geography": geography})


def _lists(territories: pd.DataFrame, dataset: Dataset) -> Iterator[Problem]:
    rows = territories[["code", "parents", "tags"]].itertuples(index=False, name=None)
    wrong = [code for code, parents, tags in rows if not (_are_parents(parents) and _are_tags(tags))]
    if wrong:
        yield Problem(BAD_PARENTS, {"n": Quantity(len(wrong)), "territory": min(wrong), "dataset": dataset.id})


def _parsed(text: object) -> Any:
    if not isinstance(text, str):
        return []
    try:
        return json.loads(text)
    except ValueError:
        return None


def _are_parents(text: object) -> bool:
    rows = _parsed(text)
    return isinstance(rows, list) and all(
        isinstance(row, dict) and all(isinstance(row.get(name), str) for name in ("level", "code", "geography"))
        for row in rows
    )


def _are_tags(text: object) -> bool:
    rows = _parsed(text)
    return isinstance(rows, list) and all(isinstance(row, str) for row in rows)
