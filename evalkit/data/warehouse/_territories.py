"""Territories out of their rows: the model's territory, and who lies in whom."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from evalkit.data.codes_warehouse import UNKNOWN_LEVEL
from evalkit.data.warehouse._gazetteer import PlaceRow
from evalkit.errors import DataError
from evalkit.model.territory import LEVELS, Parent, Territory

Key = tuple[str, str, str]


def build_territory(row: PlaceRow, ancestors: Iterable[Parent]) -> Territory:
    """Return the model's territory out of a merged row and its ancestors."""
    return Territory(
        code=row.code,
        level=row.level,
        name=row.name,
        geography=row.geography,
        parents=tuple(ancestors),
        tags=tuple(json.loads(row.tags)),
        longitude=row.longitude,
        latitude=row.latitude,
        synthetic=bool(row.synthetic),
    )


class Ancestry:
    """Who lies in whom, followed upwards: a district lies in the inter-communality of its commune."""

    def __init__(self, rows: Iterable[PlaceRow]) -> None:
        self._texts: dict[Key, str] = {}
        self._vintages: dict[tuple[str, str], list[Key]] = {}
        self._known: dict[Key, tuple[Parent, ...]] = {}
        for row in rows:
            key = (row.level, row.code, row.geography)
            if row.parents != "[]":
                self._texts[key] = row.parents
                self._vintages.setdefault(key[:2], []).append(key)

    def _direct(self, key: Key) -> tuple[Parent, ...]:
        if key not in self._known:
            self._known[key] = tuple(Parent(**parent) for parent in json.loads(self._texts.get(key, "[]")))
        return self._known[key]

    def of(self, level: str, code: str, geography: str) -> tuple[Parent, ...]:
        """Return the parents of a territory, its direct ones first, then theirs (shares multiplied, and added over several ways)."""
        start = (level, code, geography)
        direct = self._direct(start)
        found = {(parent.level, parent.code, parent.geography): parent for parent in direct}
        seen, wave = {start, *found}, list(direct)
        while wave:
            step = self._above(wave, seen)
            seen |= set(step)
            found |= step
            wave = [step[key] for key in sorted(step)]
        inherited = sorted(set(found) - {(p.level, p.code, p.geography) for p in direct})
        return (*direct, *(found[key] for key in inherited))

    def _above(self, wave: Sequence[Parent], seen: set[Key]) -> dict[Key, Parent]:
        shares: dict[Key, float | None] = {}
        for child in wave:
            for parent in self._parents_of(child):
                key = (parent.level, parent.code, parent.geography)
                if key in seen:
                    continue
                share = None if child.share is None or parent.share is None else child.share * parent.share
                known = shares.get(key, 0.0)
                shares[key] = None if share is None or known is None else min(1.0, known + share)
        return {key: Parent(*key, share) for key, share in shares.items()}

    def _parents_of(self, child: Parent) -> tuple[Parent, ...]:
        """The parents of the same vintage; of any vintage of that code when its own has none."""
        own = self._direct((child.level, child.code, child.geography))
        if own:
            return own
        others = [parent for key in self._vintages.get((child.level, child.code), ()) for parent in self._direct(key)]
        return tuple({(p.level, p.code, p.geography): p for p in others}.values())


def parse_level(key: str) -> tuple[str, str | None]:
    """Read `region` or `region_2015`: a level, and the vintage of its geography when one is named."""
    if key in LEVELS:
        return key, None
    level, _, geography = key.rpartition("_")
    if level not in LEVELS:
        raise DataError.of(UNKNOWN_LEVEL, levels=key)
    return level, geography
