"""Getting ready for a run: its folder is brought up to date with the plan, then each task is described for its worker."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.batch import codes
from evalkit.batch.conduct import clear_leftovers, reconcile
from evalkit.batch.differences import made_with
from evalkit.batch.execute import Work
from evalkit.batch.forward import bring_forward
from evalkit.batch.keeper import RESERVE_BYTES, TASK_BYTES
from evalkit.batch.record import manifest_of
from evalkit.batch.since import Since, hand_over
from evalkit.batch.stages import compute_stages
from evalkit.batch.tasks import plan_tasks
from evalkit.batch.verified import verified
from evalkit.batch.warm import Reading
from evalkit.data.mirror import reference_of
from evalkit.errors import RunError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import Task
from evalkit.notebook.templates import find_template
from evalkit.report import load_theme, write_assets
from evalkit.runs import Ledger, RunFolder
from evalkit.runs.codes import OTHER_PLAN
from evalkit.runs.files import write_atomic

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


@dataclass(frozen=True)
class Execution:
    """One execution of a plan: what it is made from, where it is kept, and what holds for each of its tasks."""

    plan: EvaluationPlan
    warehouse: Warehouse
    folder: RunFolder
    ledger: Ledger
    started: datetime.datetime
    token: str
    since: Since | None
    timeout: float | None
    memory_limit: int | None


def bring_up_to_date(run: Execution, tasks: Sequence[Task], *, force: bool) -> list[Task]:
    """Bring the run folder up to date with the plan and return what is to be done."""
    plan, folder, ledger = run.plan, run.folder, run.ledger
    _require_same_evaluation(ledger, folder, plan)
    clear_leftovers(folder)
    reconcile(ledger, folder, plan_tasks(plan, run.warehouse))
    todo = bring_forward(plan, run.warehouse, folder, ledger, tasks, force=force, started=run.started, since=run.since)
    require_room(folder, len(todo))
    ledger.set_meta("evaluation", plan.evaluation)
    ledger.set_meta("plan_sha256", plan.sha256)
    write_assets(folder.assets)
    if plan.theme is not None:
        load_theme(plan.theme).write(folder.assets)
    _keep_inputs(plan, folder)
    for task in todo:
        folder.log(task).unlink(missing_ok=True)  # what an earlier execution said of it
    ledger.plan(todo)
    return todo


def describe(run: Execution, todo: Sequence[Task], kernel: str, *, ahead: bool) -> Iterator[list[Work]]:
    """Yield each task as it travels; what all tasks share is computed meanwhile and handed over to where workers find it.

    With `ahead` the tasks of templates that ask for no stage come first: they need not wait for the others'.
    """
    plan, folder = run.plan, run.folder
    staged = {item.name: not ahead or find_template(item.name, plan.file).asks_for_stages for item in plan.templates}
    works = _works(run, todo, kernel, staged)
    yield [work for work in works if not work.staged]
    for _ in compute_stages(plan, run.warehouse, folder):
        yield []
    folder.send_inputs()
    yield [work for work in works if work.staged]


def _works(run: Execution, todo: Sequence[Task], kernel: str, staged: Mapping[str, bool]) -> list[Work]:
    plan, folder = run.plan, run.folder
    earlier = ""
    if run.since is not None:
        now = manifest_of(plan, run.warehouse, folder, run.ledger, started=run.started, finished=run.started)
        earlier = hand_over(run.since, made_with(now), folder, todo)
    fingerprint = run.warehouse.fingerprint()
    verification = verified(plan.languages)
    theme = None if plan.theme is None else load_theme(plan.theme)
    return [
        Work(
            task=task,
            run_root=folder.address,
            template_file=str(_template_copy(folder, task.template).absolute()),
            plan_file=str(plan.file.absolute()),
            warehouse=reference_of(run.warehouse.root),
            evaluation=plan.evaluation,
            plan_sha256=plan.sha256,
            fingerprint=fingerprint,
            languages=plan.languages,
            timeout=run.timeout,
            started=run.started,
            verification=verification[task.lang],
            kernel=kernel,
            memory_limit=run.memory_limit,
            seed=plan.seed,
            token=run.token,
            theme=None if theme is None else theme.page(task.lang),
            since=earlier,
            staged=staged[task.template],
        )
        for task in todo
    ]


def reading_of(run: Execution) -> Reading | None:
    """Return what the notebooks of a run read, where it lies on this machine: workers can then read it before they have a task."""
    if reference_of(run.warehouse.root) != str(run.warehouse.root):
        return None
    state = f"{run.plan.sha256} {run.warehouse.fingerprint()}"
    return Reading(str(run.plan.file.absolute()), str(run.warehouse.root), state)


def room_needed(tasks: int) -> int:
    """Return how many bytes a run of so many tasks needs, about."""
    return tasks * TASK_BYTES + 2 * RESERVE_BYTES


def require_room(folder: RunFolder, tasks: int) -> None:
    """Raise `RunError` when the disk of a run folder has no room for so many tasks."""
    existing = next(path for path in (folder.root.absolute(), *folder.root.absolute().parents) if path.exists())
    needed, free = room_needed(tasks), shutil.disk_usage(existing).free
    if free < needed:
        raise RunError.of(
            codes.NO_ROOM, needed=str(needed // 1_000_000), free=str(free // 1_000_000), folder=str(folder.root)
        )


def _require_same_evaluation(ledger: Ledger, folder: RunFolder, plan: EvaluationPlan) -> None:
    found = ledger.meta("evaluation")
    if found not in (None, plan.evaluation):
        raise RunError.of(OTHER_PLAN, folder=str(folder.root), found=found, wanted=plan.evaluation)


def _keep_inputs(plan: EvaluationPlan, folder: RunFolder) -> None:
    """Copy the plan and its templates into the run; the copies of the templates are what is executed.

    Tasks read the plan in its place, for its paths, and stop when it was edited meanwhile.
    """
    write_atomic(folder.plan_copy("evaluation.yaml"), plan.file.read_bytes())
    for item in plan.templates:
        write_atomic(_template_copy(folder, item.name), find_template(item.name, plan.file).content)


def _template_copy(folder: RunFolder, name: str) -> Path:
    return folder.plan_copy(f"templates/{name}.ipynb")
