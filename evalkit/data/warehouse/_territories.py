"""Reading territories: one territory out of what several data sets say of it, its ancestors, and selections."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd

from evalkit.data.codes_warehouse import UNKNOWN_LEVEL
from evalkit.data.delivery import TERRITORY_COLUMNS
from evalkit.data.warehouse._views import Views, among
from evalkit.errors import DataError
from evalkit.model.territory import LEVELS, Parent, Territory

Key = tuple[str, str, str]
_LIST = (
    "CASE WHEN count(DISTINCT {name}) > 1 THEN '|' || to_json(list(struct_pack(place, {name})))::VARCHAR "
    "ELSE coalesce(min({name}), '[]') END"
)


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
    given = ("longitude", "latitude", *(["geometry"] if geometry else []))
    first = {name: f"arg_min({name}, place)" for name in ("name", *given)}
    if not geometry:
        first["geometry"] = "NULL::BLOB"
    named = {name: f"arg_min({name}, (name IS NULL, place))" for name in ("source", "vintage", "file_sha256")}
    lists = {name: _LIST.format(name=name) for name in ("parents", "tags")}
    flags = {"synthetic": "bool_or(synthetic)"}
    expressions = ", ".join(f"{sql} AS {name}" for name, sql in (named | lists | first | flags).items())
    found = views.table(
        f"SELECT code, level, geography, {expressions} FROM territories WHERE current AND {' AND '.join(conditions)} "  # noqa: S608 - names are ours, values are bound
        "GROUP BY code, level, geography ORDER BY level, geography, code",
        parameters,
    )
    found["parents"] = [_merged(text, "parents", _parents) for text in found["parents"]]
    found["tags"] = [_merged(text, "tags", _tags) for text in found["tags"]]
    found["name"] = found["name"].fillna(found["code"])
    return found[list(TERRITORY_COLUMNS)]


def _merged(text: str, column: str, union: Callable[[list[list[Any]]], list[Any]]) -> str:
    """Return one JSON list out of `[list, list]`, in which several data sets have their say, or out of the only one."""
    if not text.startswith("|"):
        return text
    said = sorted(json.loads(text[1:]), key=lambda row: row["place"])
    lists = [json.loads(row[column]) for row in said if row[column]]
    return json.dumps(union(lists), ensure_ascii=False, sort_keys=True)


def _tags(lists: list[list[str]]) -> list[str]:
    return sorted({tag for tags in lists for tag in tags})


def _parents(lists: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the union of several lists of parents, each parent once (a known share before an unknown one)."""
    found: dict[Key, dict[str, Any]] = {}
    for rows in lists:
        for row in rows:
            key = (row["level"], row["code"], row["geography"])
            if key not in found or found[key].get("share") is None:
                found[key] = {**dict(zip(("level", "code", "geography"), key, strict=True)), "share": row.get("share")}
    return [found[key] for key in sorted(found)]


def rows_above(views: Views, rows: pd.DataFrame) -> pd.DataFrame:
    """Return merged rows together with those of every territory that contains them, without reading the others."""
    seen, frames = set(rows["code"]), [rows]
    while not rows.empty:
        wave = {parent["code"] for text in rows["parents"] for parent in json.loads(text)} - seen
        rows = merged_rows(views, None, None, tuple(sorted(wave)), geometry=False) if wave else rows.iloc[:0]
        frames.append(rows)
        seen |= wave
    return pd.concat([frame for frame in frames if not frame.empty] or frames[:1], ignore_index=True)


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
        self._texts: dict[Key, str] = {}
        self._vintages: dict[tuple[str, str], list[Key]] = {}
        self._known: dict[Key, tuple[Parent, ...]] = {}
        for code, level, geography, text in rows[["code", "level", "geography", "parents"]].itertuples(index=False):
            if text != "[]":
                self._texts[level, code, geography] = text
                self._vintages.setdefault((level, code), []).append((level, code, geography))

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
