"""Selections: which territories of a level carry the tags and lie in the parents that are asked for, without reading all others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.data.warehouse._gazetteer import KnownPlaces
from evalkit.data.warehouse._territories import Ancestry, parse_level
from evalkit.data.warehouse._views import Views, among

if TYPE_CHECKING:
    from evalkit.model.plan import Selection
    from evalkit.model.territory import Parent


def choose(views: Views, known: KnownPlaces, selection: Selection, level: str, geography: str) -> tuple[str, ...]:
    """Return the codes of one level and geography that a selection asks for, sorted."""
    wanted = [(*parse_level(key), frozenset(codes)) for key, codes in sorted(selection.parents.items())]
    near = None
    for _, _, codes in wanted:
        below = _below(views, codes)
        near = below if near is None else near & below
    found = _tagged(views, selection, level, geography, near)
    if wanted:
        found = _inside(known, found, level, geography, wanted)
    return tuple(sorted(found)[: selection.limit])


def _tagged(views: Views, selection: Selection, level: str, geography: str, near: set[str] | None) -> set[str]:
    """Return the codes of the level that the selection names (all when it names none) and that carry every tag, among those that are near."""
    parameters: list[Any] = [level, geography]
    named = among("code", selection.codes or None, parameters)
    close = among("code", None if near is None else sorted(near), parameters)
    column = "code, tags" if selection.tags else "code"
    rows = views.rows(
        f"SELECT DISTINCT {column} FROM {views.counting('territories')} WHERE level = ? AND geography = ? AND {named} AND {close}",  # noqa: S608 - values are bound
        parameters,
    )
    if not selection.tags:
        return {code for (code,) in rows}
    tags: dict[str, set[str]] = {}
    for code, text in rows:
        tags.setdefault(code, set()).update([] if text is None else json.loads(text))
    return {code for code, own in tags.items() if own.issuperset(selection.tags)}


def _below(views: Views, parents: Iterable[str]) -> set[str]:
    """Return the codes that may lie in one of the parents: those that name one, followed downwards, levels aside."""
    sql = f"""
        WITH RECURSIVE edges AS MATERIALIZED (
            SELECT code, unnest(json_extract_string(parents, '$[*].code')) AS parent
            FROM {views.counting("territories")} WHERE parents IS NOT NULL AND parents <> '[]'
        ), below(code) AS (
            SELECT code FROM edges WHERE parent IN (SELECT unnest(?::VARCHAR[]))
            UNION
            SELECT edges.code FROM edges JOIN below ON edges.parent = below.code
        )
        SELECT code FROM below
    """  # noqa: S608 - names are ours, values are bound
    return {code for (code,) in views.rows(sql, [sorted(parents)])}


def _inside(
    known: KnownPlaces,
    codes: set[str],
    level: str,
    geography: str,
    wanted: Sequence[tuple[str, str | None, frozenset[str]]],
) -> set[str]:
    """Return the codes that do lie in the parents, by level and vintage, through parents of parents too."""
    if not codes:
        return set()
    ancestry = Ancestry(known.with_those_above(known.of(codes, level, geography)))
    above = {code: ancestry.of(level, code, geography) for code in codes}
    return {code for code in codes if all(_lies_in(above[code], *condition) for condition in wanted)}


def _lies_in(above: Iterable[Parent], level: str, geography: str | None, codes: frozenset[str]) -> bool:
    return any(p.level == level and p.code in codes and geography in (None, p.geography) for p in above)
