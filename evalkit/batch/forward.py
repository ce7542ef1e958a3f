"""Bringing a run up to date before anything is executed: what stays, what an earlier run made already, what is left to do."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from evalkit.batch.keys import packages_hash, recipe_of, source_hash, task_key
from evalkit.batch.past import RECIPE, STARTED, WAREHOUSE, Past, earlier_runs
from evalkit.batch.reuse import Decision, Judge, verified
from evalkit.batch.takeover import take_over
from evalkit.batch.tasks import recipes
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import Task
from evalkit.runs import Ledger, RunFolder

if TYPE_CHECKING:
    from evalkit.batch.since import Since
    from evalkit.data.warehouse import Warehouse

_PORTFOLIO = "portfolio"


def decide(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    ledger: Ledger | None,
    tasks: Sequence[Task],
    *,
    force: bool = False,
    since: Since | None = None,
) -> list[Decision]:
    """Return what is to be done with each task in a run folder (one that does not exist yet has no ledger)."""
    own = None if ledger is None else Past(folder, ledger)
    judge = Judge(plan, warehouse, recipes(plan, since))
    return judge.decide(tasks, own, earlier_runs(folder, plan.evaluation), force=force)


def bring_forward(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    ledger: Ledger,
    tasks: Sequence[Task],
    *,
    force: bool,
    started: datetime.datetime,
    since: Since | None = None,
) -> list[Task]:
    """Keep and take over what can be, note what tells later runs the same, and return the tasks that have to run."""
    decisions = decide(plan, warehouse, folder, ledger, tasks, force=force, since=since)
    fingerprint = warehouse.fingerprint()
    todo = [
        found.task
        for found in decisions
        if found.action == "run" or (found.action == "reuse" and not take_over(found, folder, ledger))
    ]
    left = {task.id for task in todo}
    ledger.note_reads(verified([found for found in decisions if found.task.id not in left], fingerprint))
    _remember(plan, warehouse, ledger, started, since)
    return todo


def _remember(
    plan: EvaluationPlan, warehouse: Warehouse, ledger: Ledger, started: datetime.datetime, since: Since | None
) -> None:
    """Note what a later run needs to know of this one."""
    from evalkit.data.warehouse.rereading import snapshot

    made = recipes(plan, since).values()
    notes = {RECIPE + recipe_of(task_key(one, "")): json.dumps(dict(one.parts)) for one in made}
    notes[WAREHOUSE + warehouse.fingerprint()] = json.dumps(snapshot(warehouse), separators=(",", ":"))
    notes[STARTED] = started.isoformat()
    for name, value in sorted(notes.items()):
        if ledger.meta(name) != value:
            ledger.set_meta(name, value)


def is_gathered(plan: EvaluationPlan, warehouse: Warehouse, folder: RunFolder, ledger: Ledger) -> bool:
    """Say whether findings, portfolio and manifest were made from the very tasks of the ledger and need not be made again."""
    files = (folder.root / "findings.parquet", folder.root / "findings.csv", folder.manifest)
    pages = tuple(folder.index(lang, plan.languages[0]) for lang in plan.languages)
    key = _gathered_key(plan, warehouse, ledger)
    return ledger.meta(_PORTFOLIO) == key and all(file.is_file() for file in (*files, *pages))


def note_gathered(plan: EvaluationPlan, warehouse: Warehouse, ledger: Ledger) -> None:
    """Note from what findings, portfolio and manifest were made."""
    ledger.set_meta(_PORTFOLIO, _gathered_key(plan, warehouse, ledger))


def _gathered_key(plan: EvaluationPlan, warehouse: Warehouse, ledger: Ledger) -> str:
    found = hashlib.sha256()
    parts = [plan.sha256, warehouse.fingerprint(), source_hash(), packages_hash(plan.file.parent)]
    made = (
        [r.lang, r.template, r.territory, r.state, r.key, r.reason, sorted(r.outputs.items())] for r in ledger.each()
    )
    for part in itertools.chain([parts], made):
        found.update(json.dumps(part, ensure_ascii=False).encode())
    return found.hexdigest()
