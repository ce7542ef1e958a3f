"""Rows of territories: what several data sets say of each, merged; those that were read by code are kept."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from evalkit.data.delivery import TERRITORY_COLUMNS, frame
from evalkit.data.warehouse._views import Views, among


class PlaceRow(NamedTuple):
    """One territory as all data sets together describe it, in the order of TERRITORY_COLUMNS; `parents` and `tags` are JSON lists."""

    code: str
    level: str
    geography: str
    name: str
    parents: str
    tags: str
    longitude: float | None
    latitude: float | None
    geometry: bytes | None
    synthetic: bool
    source: str | None
    vintage: str | None
    file_sha256: str | None


def place_rows(
    views: Views, level: str | None, geography: str | None, codes: Sequence[str] | None, *, geometry: bool = True
) -> list[PlaceRow]:
    """Return one row for each territory: the first data set by priority gives name and place, all give parents and tags."""
    parameters: list[Any] = []
    conditions = (
        among("level", None if level is None else (level,), parameters),
        among("geography", None if geography is None else (geography,), parameters),
        among("code", codes, parameters),
    )
    columns = ", ".join("NULL" if name == "geometry" and not geometry else name for name in TERRITORY_COLUMNS)
    where = " AND ".join(conditions)
    sql = f"SELECT {columns} FROM {views.counting('territories')} WHERE {where} ORDER BY level, geography, code, place"  # noqa: S608 - names are ours, values are bound
    found = itertools.groupby(views.rows(sql, parameters), key=lambda row: row[:3])
    return [_merged([PlaceRow(*row) for row in said]) for _, said in found]


def as_frame(rows: Iterable[PlaceRow]) -> pd.DataFrame:
    """Return rows as a table with TERRITORY_COLUMNS."""
    return frame(TERRITORY_COLUMNS, pd.DataFrame(list(rows), columns=list(TERRITORY_COLUMNS)))


class KnownPlaces:
    """The rows of territories by code, of every level and vintage and without their shapes, each code read once."""

    def __init__(self, views: Callable[[], Views]) -> None:
        self._views = views
        self._known: dict[str, list[PlaceRow]] = {}

    def read(self, codes: Iterable[str]) -> None:
        """Read what is not known yet, in one query."""
        missing = tuple(sorted(set(codes) - self._known.keys()))
        if missing:
            self._known |= {code: [] for code in missing}
            for row in place_rows(self._views(), None, None, missing, geometry=False):
                self._known[row.code].append(row)

    def of(self, codes: Iterable[str], level: str | None = None, geography: str | None = None) -> list[PlaceRow]:
        """Return the rows of some codes, of one level and vintage when they are named, sorted by code."""
        wanted = sorted(set(codes))
        self.read(wanted)
        return [
            row
            for code in wanted
            for row in self._known[code]
            if level in (None, row.level) and geography in (None, row.geography)
        ]

    def with_those_above(self, rows: Sequence[PlaceRow]) -> list[PlaceRow]:
        """Return rows together with those of every territory that contains them, without reading the others."""
        found, wave = list(rows), list(rows)
        seen = {row.code for row in rows}
        while wave:
            parents = {parent["code"] for row in wave if row.parents != "[]" for parent in json.loads(row.parents)}
            wave = self.of(parents - seen)
            seen |= parents
            found += wave
        return found

    def forget(self) -> None:
        """Read all anew when it is asked again."""
        self._known.clear()


def _merged(said: Sequence[PlaceRow]) -> PlaceRow:
    """Return one row out of those of several data sets, the first by priority first."""
    parents = _union([row.parents for row in said], _parents)
    tags = _union([row.tags for row in said], _tags)
    named = sorted(said, key=lambda row: row.name is None)
    return PlaceRow(
        *said[0][:3],
        name=_first(said, "name") or said[0].code,
        parents=parents,
        tags=tags,
        longitude=_first(said, "longitude"),
        latitude=_first(said, "latitude"),
        geometry=_first(said, "geometry"),
        synthetic=any(row.synthetic for row in said),
        source=_first(named, "source"),
        vintage=_first(named, "vintage"),
        file_sha256=_first(named, "file_sha256"),
    )


def _first(said: Sequence[PlaceRow], column: str) -> Any:
    return next((value for row in said if (value := getattr(row, column)) is not None), None)


def _union(texts: Sequence[str | None], union: Callable[[list[list[Any]]], list[Any]]) -> str:
    """Return one JSON list out of those in which several data sets have their say, or the only one as it is."""
    if len(set(texts) - {None}) < 2:
        return next((text for text in texts if text is not None), "[]")
    lists = [json.loads(text) for text in texts if text]
    return json.dumps(union(lists), ensure_ascii=False, sort_keys=True)


def _tags(lists: list[list[str]]) -> list[str]:
    return sorted({tag for tags in lists for tag in tags})


def _parents(lists: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the union of several lists of parents, each parent once (a known share before an unknown one)."""
    found: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for rows in lists:
        for row in rows:
            key = (row["level"], row["code"], row["geography"])
            if key not in found or found[key].get("share") is None:
                found[key] = {**dict(zip(("level", "code", "geography"), key, strict=True)), "share": row.get("share")}
    return [dict(found[key]) for key in sorted(found)]
