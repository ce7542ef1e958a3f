"""Why each task runs or is reused, in words."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from evalkit.batch.past import Past
from evalkit.batch.reads import parse_reads
from evalkit.batch.reuse import Decision
from evalkit.errors import DataError
from evalkit.text import Message, msg, nmsg

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.warehouse import Warehouse

_SHOWN = 4
_KEY = ["territory", "level", "geography", "indicator", "period", "breakdown"]
_SAID = ["value", "lower", "upper", "status", "numerator", "denominator", "n", "note", "vintage", "source"]
_CAUSES: Mapping[str, Message] = {
    "unchanged": msg("nothing that it was made from changed"),
    "never": msg("it was never run"),
    "forced": msg("forced"),
    "failed": msg("it did not end well last time"),
    "gone": msg("its published files are no longer there"),
    "template": msg("the template changed"),
    "parameters": msg("the parameters changed"),
    "plan": msg("the plan changed"),
    "evalkit": msg("evalkit changed"),
    "packages": msg("Python or its packages changed"),
    "since": msg("the earlier run that it is compared with (--since) is another one, or its findings changed"),
    "rows": msg("rows that it reads changed"),
    "unknown": msg("the data or the plan changed, and what it reads is not known"),
}


class Explainer:
    """Puts decisions into words; what differs between the rows of then and of today is looked up once for each question."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._known: dict[tuple[str, str], Message] = {}

    def why(self, found: Decision) -> Message:
        """Return why a task runs or is reused."""
        cause = _CAUSES[found.cause]
        if found.action == "reuse" and found.origin is not None:
            return msg("{cause} since the run {run}", cause=cause, run=found.origin.folder.run_id)
        if found.cause == "plan":
            return msg("{cause}: {parts}", cause=cause, parts=", ".join(found.details))
        if found.cause == "failed":
            return msg("{cause}: {parts}", cause=cause, parts=", ".join(found.details))
        if found.cause == "rows":
            return msg("{cause}: {parts}", cause=cause, parts=self._slices(found))
        return cause

    def _slices(self, found: Decision) -> list[Message]:
        """Return the questions whose answer changed, observations first, the first few of them."""
        ordered = sorted(found.details, key=lambda words: ('"ask":"observations"' not in words, words))
        shown = list({part.render("en"): part for part in (self._slice(found, words) for words in ordered)}.values())
        more = len(shown) - _SHOWN
        return shown[:_SHOWN] + ([nmsg("{n} more", "{n} more", more)] if more > 0 else [])

    def _slice(self, found: Decision, words: str) -> Message:
        assert found.origin is not None
        assert found.record is not None
        key = (parse_reads(found.record.reads).fingerprint, words)
        if key not in self._known:
            self._known[key] = self._compared(found.origin, *key) or question_words(words)
        return self._known[key]

    def _compared(self, past: Past, fingerprint: str, words: str) -> Message | None:
        """Return how many territories differ, when the rows of then are still in the warehouse."""
        filters = json.loads(words)
        snapshot = past.snapshot(fingerprint)
        if filters.pop("ask") != "observations" or snapshot is None:
            return None
        pins = filters.pop("sources", [])
        if any(vintage is not None for _, vintage in pins):
            return None
        for name, value in filters.items():
            if isinstance(value, str) and value.startswith("#"):
                filters[name] = past.codes(value[1:])
        preference = {dataset: rank for rank, (dataset, _) in enumerate(pins)}
        try:
            then = _preferred(self._warehouse.all_observations(**filters), snapshot["deliveries"], preference)
            now = self._warehouse.observations(**filters, sources=_sources(pins))
        except DataError:
            return None
        return _difference(then, now, filters)


def _sources(pins: Iterable[Any]) -> list[Any]:
    from evalkit.model.plan import DataSource

    return [DataSource(*pin) for pin in pins]


def _preferred(rows: pd.DataFrame, deliveries: list[Any], preference: Mapping[str, int]) -> pd.DataFrame:
    """Return the rows that were preferred when these deliveries were what counted."""
    places = {delivery[0]: place for place, delivery in enumerate(deliveries)}
    known = rows[rows["delivery"].isin(list(places))].copy()
    known["_rank"] = [preference.get(dataset, len(preference)) for dataset in known["dataset"]]
    known["_place"] = known["delivery"].map(places)
    return known.sort_values(["_rank", "_place"], kind="stable").drop_duplicates(_KEY)


def _difference(then: pd.DataFrame, now: pd.DataFrame, filters: Mapping[str, Any]) -> Message | None:
    both = then[_KEY + _SAID].merge(
        now[_KEY + _SAID], on=_KEY, how="outer", suffixes=("_then", "_now"), indicator="_in"
    )
    differs = both["_in"] != "both"
    for name in _SAID:
        before, after = both[f"{name}_then"], both[f"{name}_now"]
        differs |= ~((before == after) | (before.isna() & after.isna())).fillna(value=False).astype(bool)
    changed = both[differs]
    if changed.empty:
        return None
    periods = sorted(changed["period"].unique())
    span = periods[0] if len(periods) == 1 else f"{periods[0]}-{periods[-1]}"
    return nmsg(
        "{indicator}, {level}, {periods}: {n} territory differs",
        "{indicator}, {level}, {periods}: {n} territories differ",
        int(changed["territory"].nunique()),
        indicator=", ".join(filters.get("indicators") or sorted(changed["indicator"].unique())),
        level=", ".join(sorted(changed["level"].unique())),
        periods=span,
    )


def question_words(words: str) -> Message:
    """Return what a question is about."""
    filters = json.loads(words)
    question, level = filters["ask"], filters.get("level", "")
    if question in ("observations", "all_observations", "holds"):
        indicators = filters.get("indicators") or [filters.get("indicator", "")]
        return msg("{indicators} ({level})", indicators=indicators, level=level)
    if question in ("territory", "name", "ancestors"):
        return msg("what is known of the territory {code}", code=filters["code"])
    if question == "plan_territories":
        return msg("the territories of the plan")
    if question == "select":
        return msg("which territories it is compared with")
    if question in ("places", "territories", "geometries"):
        return msg("places and shapes ({level})", level=level)
    if question in ("operations", "structures", "has_records"):
        kinds = {"operations": msg("operations"), "structures": msg("structures")}
        return kinds[filters.get("kind", question)]
    return msg("{question}", question=question)


def summary(decisions: Iterable[Decision]) -> list[Message]:
    """Return how many tasks run and are reused for each cause, the most frequent first."""
    counts = Counter((found.action == "run", found.cause) for found in decisions)
    return [
        nmsg("{n} task runs: {cause}", "{n} tasks run: {cause}", count, cause=_CAUSES[cause])
        if runs
        else nmsg("{n} task is reused: {cause}", "{n} tasks are reused: {cause}", count, cause=_CAUSES[cause])
        for (runs, cause), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def as_row(found: Decision, why: str) -> dict[str, Any]:
    """Return a decision as plain data."""
    origin = None if found.origin is None or found.action == "run" else found.origin.folder.run_id
    return {
        "territory": found.task.territory,
        "template": found.task.template,
        "lang": found.task.lang,
        "action": "run" if found.action == "run" else "reuse",
        "cause": found.cause,
        "why": why,
        "origin_run": origin,
    }
