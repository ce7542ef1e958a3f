"""What all notebooks of a run read alike: read once, held by the parent of warm kernels, found there by each of them.

What two territories ask in the same words is asked by all of them. Answers are noted in each report as if it had asked itself, and
only serve where plan and data are the very same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.catalogue import load_catalogue
from evalkit.errors import EvalkitError
from evalkit.model.plan import EvaluationPlan
from evalkit.notebook.locating import has_place, outlines_of, shapes_of
from evalkit.notebook.reading import Reader
from evalkit.notebook.slices import HeldSlice, SliceKey
from evalkit.plan import load_plan, resolve_territories

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse
    from evalkit.data.warehouse.recorder import Answers

_MOST_SERIES = 60_000
"""Series (territories x indicators) beyond which they are not read ahead of the notebooks."""
_MOST_ROWS = 500_000
"""Rows that are held, about 70 MB."""


@dataclass(frozen=True)
class Common:
    """What notebooks of one plan over one state of one warehouse read alike."""

    plan: EvaluationPlan
    root: Path
    fingerprint: str
    answers: Answers
    slices: Mapping[SliceKey, HeldSlice]


_held: list[Common] = []


def hold(common: Common) -> None:
    """Have this process, and those that are forked from it, know what is read alike, in the place of what they knew."""
    _held[:] = [common]


def held_plan(path: Path) -> EvaluationPlan | None:
    """Return the plan that is held when the file still says the same, else None."""
    for common in _held:
        with suppress(OSError):
            if path == common.plan.file and hashlib.sha256(path.read_bytes()).hexdigest() == common.plan.sha256:
                return common.plan
    return None


def held_for(plan: EvaluationPlan, warehouse: Warehouse) -> Common | None:
    """Return what is held for a plan and the present state of a warehouse, else None."""
    for common in _held:
        same = common.plan.sha256 == plan.sha256 and common.root == warehouse.root
        if same and common.fingerprint == warehouse.fingerprint():
            return common
    return None


def read_common(plan_file: Path, warehouse: Path) -> Common:
    """Read what the notebooks of a plan ask in the same words; raises `PlanError` or `DataError` as they would."""
    plan = load_plan(plan_file)
    code, *others = _two(plan, warehouse)
    first = _world(plan, warehouse, code)
    store = first.warehouse
    if not others:
        return Common(plan, store.root, store.fingerprint(), {}, {})
    second = _world(plan, warehouse, others[0], first)
    asked = second.warehouse.answered or {}
    answers = {words: found for words, found in (store.answered or {}).items() if words in asked}
    slices: dict[SliceKey, HeldSlice] = {}
    also, rows = second.held(), 0
    for key, held in first.held().items():
        answers.pop(held.words, None)
        if key in also and rows + len(held.slice) <= _MOST_ROWS:
            rows += len(held.slice)
            held.slice.compact()
            slices[key] = held
    return Common(plan, store.root, store.fingerprint(), answers, slices)


def _two(plan: EvaluationPlan, warehouse: Path) -> tuple[str, ...]:
    from evalkit.data.warehouse import Warehouse

    return resolve_territories(plan, Warehouse.open(warehouse))[:2]


def _world(plan: EvaluationPlan, warehouse: Path, code: str, before: Reader | None = None) -> Reader:
    """Ask for one territory what templates ask: its series, its comparators, its place on the map; `before` has asked already."""
    from evalkit.data.warehouse.recorder import RecordingWarehouse

    store = RecordingWarehouse.open(warehouse).knowing(plan.territories.selection)
    store.answered = {}
    if before is not None:
        store.remembering(before.warehouse.answered or {})
    territory = store.territory(plan.territories.level, code, plan.territories.geography)
    assert territory is not None, "a territory of the plan is known"
    reader = Reader(plan, store, territory, load_catalogue(), None if before is None else before.held())
    for item in plan.indicators:
        for breakdown in item.breakdowns:
            for level in reader.catalogue[item.id].levels:
                reader.holds(item.id, breakdown, level)
    if reader.compared() * len(plan.indicators) <= _MOST_SERIES:
        _compare(reader)
    if has_place(reader):
        codes = resolve_territories(plan, store)
        shapes_of(reader, [code, *(other for other in codes if other != code)])
        outlines_of(reader, list(codes))
    return reader


def _compare(reader: Reader) -> None:
    for item in reader.plan.indicators:
        for breakdown in item.breakdowns:
            if reader.territory.level in reader.catalogue[item.id].levels:
                reader.series(item.id, breakdown)
            for comparator in reader.plan.comparators:
                with suppress(EvalkitError):  # not for this territory, or not for this indicator
                    reader.group(comparator.id, item.id, breakdown)
