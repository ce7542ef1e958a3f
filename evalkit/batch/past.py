"""Runs that were made before: what their ledgers know of tasks that a new run can take over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from evalkit.batch.keys import Recipe, recipe_of
from evalkit.errors import RunError
from evalkit.model.run import TaskRecord
from evalkit.runs import Ledger, RunFolder, list_runs

LOOKED_AT = 3
"""How many earlier runs of an evaluation are asked for a task that the newest did not make."""
RECIPE, WAREHOUSE, CODES, STARTED = "recipe:", "warehouse:", "codes:", "started"


class Past:
    """A run as its ledger tells it: its tasks, what they had in common, the codes they name, the warehouses they read."""

    def __init__(self, folder: RunFolder, ledger: Ledger) -> None:
        self.folder = folder
        self.records: dict[str, TaskRecord] = {f"{r.lang}/{r.template}/{r.territory}": r for r in ledger.records()}
        self.notes = ledger.metas()
        self._snapshots: dict[str, Any] = {}

    @property
    def started(self) -> str:
        """Return when the run was last started (UTC)."""
        return self.notes.get(STARTED, "")

    def recipe(self, key: str) -> Recipe | None:
        """Return what a task had in common with the others of its template, None when the ledger does not say."""
        found = self.notes.get(RECIPE + recipe_of(key))
        return None if found is None else Recipe(json.loads(found))

    def snapshot(self, fingerprint: str) -> Any:
        """Return what the warehouse of a fingerprint held, None when the ledger does not say."""
        if fingerprint not in self._snapshots:
            self._snapshots[fingerprint] = json.loads(self.notes.get(WAREHOUSE + fingerprint, "null"))
        return self._snapshots[fingerprint]

    def codes(self, name: str) -> tuple[str, ...] | None:
        """Return a list of codes that questions of tasks name, None when the ledger does not have it."""
        found = self.notes.get(CODES + name)
        return None if found is None else tuple(json.loads(found))


def has_earlier_runs(folder: RunFolder, evaluation: str) -> bool:
    """Say whether there is a run of an evaluation beside this one from which reports may be taken over."""
    return bool(_beside(folder, evaluation))


def earlier_runs(folder: RunFolder, evaluation: str) -> Iterator[Past]:
    """Yield the runs of an evaluation beside this one, the last one first; a run on object storage has none that can be linked to."""
    for other in _beside(folder, evaluation)[:LOOKED_AT]:
        with Ledger(other.ledger, read_only=True) as ledger:
            yield Past(other, ledger)


def _beside(folder: RunFolder, evaluation: str) -> list[RunFolder]:
    if folder.place != str(folder.root):
        return []
    found = []
    for other in list_runs(folder.root.absolute().parent):
        if other.root.resolve() == folder.root.resolve():
            continue
        try:
            with Ledger(other.ledger, read_only=True) as ledger:
                if ledger.meta("evaluation") == evaluation:
                    found.append((ledger.meta(STARTED) or "", other.run_id, other))
        except RunError:
            continue  # of a newer evalkit, or broken: nothing can be taken over from it
    return [other for _, _, other in sorted(found, key=lambda item: item[:2], reverse=True)]
