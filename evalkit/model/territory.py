"""Territories: places and units of action, with their parents and the vintage of their geography."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal[
    "qpv", "iris", "grid_cell", "commune", "epci", "urban_unit", "department", "region", "country", "zone",
    "programme", "strategy", "contract", "project", "operation", "structure", "school", "landlord",
]  # fmt: skip
LEVELS: tuple[str, ...] = get_args(Level)

_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_-])?")


def is_code(text: str) -> bool:
    """Say whether a text can be a territory code: letters, digits, `_ . -`, at most 64, safe as a file name."""
    return _CODE.fullmatch(text) is not None


@dataclass(frozen=True)
class Parent:
    """A territory that contains another, wholly or in part; `share` is the part of the population (None: not known)."""

    level: str
    code: str
    geography: str
    share: float | None = 1.0


@dataclass(frozen=True)
class Territory:
    """A place or a unit of action. The key is (level, code, geography)."""

    code: str
    level: str
    name: str
    geography: str
    parents: tuple[Parent, ...] = ()
    tags: tuple[str, ...] = ()
    longitude: float | None = None
    latitude: float | None = None
    synthetic: bool = False

    def parents_at(self, level: str, geography: str | None = None) -> tuple[Parent, ...]:
        """Return the parents of one level (of one geography vintage when given)."""
        return tuple(p for p in self.parents if p.level == level and geography in (None, p.geography))
