"""Reading territories: one territory out of what several data sets say of it, its ancestors, and selections."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from evalkit.data.codes_warehouse import UNKNOWN_LEVEL
from evalkit.data.delivery import TERRITORY_COLUMNS
from evalkit.data.warehouse._views import Views, among
from evalkit.errors import DataError
from evalkit.model.territory import LEVELS, Parent, Territory

if TYPE_CHECKING:
    from evalkit.model.plan import Selection

Key = tuple[str, str, str]
_RANK = "priority, sequence DESC, delivery"


def merged_rows(
    views: Views,
    level: str | None,
    geography: str | None,
    codes: Sequence[str] | None,
    *,
    geometry: bool = True,
) -> pd.DataFrame:
    """Return one row for each territory: the first data set by priority gives name and place, all give parents and tags."""
    parameters: list[Any] = []
    conditions = (
        among("level", None if level is None else (level,), parameters),
        among("geography", None if geography is None else (geography,), parameters),
        among("code", codes, parameters),
    )
    first = {name: f"first({name} ORDER BY {_RANK}) FILTER ({name} IS NOT NULL)" for name in ("longitude", "latitude")}
    first["geometry"] = f"first(geometry ORDER BY {_RANK}) FILTER (geometry IS NOT NULL)" if geometry else "NULL::BLOB"
    named = {
        name: f"first({name} ORDER BY name IS NULL, {_RANK})" for name in ("name", "source", "vintage", "file_sha256")
    }
    lists = {name: f"to_json(list({name} ORDER BY {_RANK}))::VARCHAR" for name in ("parents", "tags")}
    flags = {"synthetic": "bool_or(synthetic)"}
    expressions = ", ".join(f"{sql} AS {name}" for name, sql in (named | lists | first | flags).items())
    found = views.table(
        f"SELECT code, level, geography, {expressions} FROM territories WHERE current AND {' AND '.join(conditions)} "  # noqa: S608 - names are ours, values are bound
        "GROUP BY code, level, geography ORDER BY level, geography, code",
        parameters,
    )
    found["parents"] = [_dump(_parents(text)) for text in found["parents"]]
    found["tags"] = [_dump(sorted({tag for part in json.loads(text) for tag in _load(part)})) for text in found["tags"]]
    found["name"] = found["name"].fillna(found["code"])
    return found[list(TERRITORY_COLUMNS)]


def _load(part: str | None) -> list[Any]:
    return json.loads(part) if part else []


def _dump(rows: object) -> str:
    return json.dumps(rows, ensure_ascii=False, sort_keys=True)


def _parents(text: str) -> list[dict[str, Any]]:
    """Return the union of several lists of parents, each parent once (a known share before an unknown one)."""
    found: dict[Key, dict[str, Any]] = {}
    for part in json.loads(text):
        for row in _load(part):
            key = (row["level"], row["code"], row["geography"])
            if key not in found or found[key].get("share") is None:
                found[key] = {**dict(zip(("level", "code", "geography"), key, strict=True)), "share": row.get("share")}
    return [found[key] for key in sorted(found)]


def build_territory(row: pd.Series, ancestors: Iterable[Parent]) -> Territory:
    """Return the model's territory out of a merged row and its ancestors."""
    return Territory(
        code=row["code"],
        level=row["level"],
        name=row["name"],
        geography=row["geography"],
        parents=tuple(ancestors),
        tags=tuple(json.loads(row["tags"])),
        longitude=None if pd.isna(row["longitude"]) else float(row["longitude"]),
        latitude=None if pd.isna(row["latitude"]) else float(row["latitude"]),
        synthetic=bool(row["synthetic"]),
    )


class Ancestry:
    """Who lies in whom, followed upwards: a district lies in the inter-communality of its commune."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._direct: dict[Key, tuple[Parent, ...]] = {}
        self._vintages: dict[tuple[str, str], list[Key]] = {}
        for code, level, geography, text in rows[["code", "level", "geography", "parents"]].itertuples(index=False):
            parents = tuple(Parent(**parent) for parent in json.loads(text))
            if parents:
                self._direct[level, code, geography] = parents
                self._vintages.setdefault((level, code), []).append((level, code, geography))

    def of(self, level: str, code: str, geography: str) -> tuple[Parent, ...]:
        """Return the parents of a territory, its direct ones first, then theirs (shares multiplied, and added over several ways)."""
        start = (level, code, geography)
        direct = self._direct.get(start, ())
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
        own = self._direct.get((child.level, child.code, child.geography))
        if own is not None:
            return own
        others = [parent for key in self._vintages.get((child.level, child.code), ()) for parent in self._direct[key]]
        return tuple({(p.level, p.code, p.geography): p for p in others}.values())


def selected(rows: pd.DataFrame, ancestry: Ancestry, selection: Selection) -> tuple[str, ...]:
    """Return the codes among merged rows of one level and geography that a selection asks for, sorted."""
    wanted = [(*parse_level(key), frozenset(codes)) for key, codes in sorted(selection.parents.items())]
    tags = set(selection.tags)
    found = []
    for code, level, geography, text in rows[["code", "level", "geography", "tags"]].itertuples(index=False):
        if (selection.codes and code not in selection.codes) or not tags <= set(json.loads(text)):
            continue
        above = ancestry.of(level, code, geography) if wanted else ()
        if all(_lies_in(above, *condition) for condition in wanted):
            found.append(code)
    return tuple(sorted(found)[: selection.limit])


def _lies_in(above: Iterable[Parent], level: str, geography: str | None, codes: frozenset[str]) -> bool:
    return any(p.level == level and p.code in codes and geography in (None, p.geography) for p in above)


def parse_level(key: str) -> tuple[str, str | None]:
    """Read `region` or `region_2015`: a level, and the vintage of its geography when one is named."""
    if key in LEVELS:
        return key, None
    level, _, geography = key.rpartition("_")
    if level not in LEVELS:
        raise DataError.of(UNKNOWN_LEVEL, levels=key)
    return level, geography
