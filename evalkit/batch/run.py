"""A run from plan to portfolio: check, plan the tasks, execute them, gather the findings, publish the portfolio."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from evalkit.batch import codes
from evalkit.batch.execute import Work, execute, lost
from evalkit.batch.pool import Pool
from evalkit.batch.portfolio import publish_portfolio
from evalkit.batch.record import record_run
from evalkit.batch.tasks import plan_tasks
from evalkit.errors import PlanError, Problem, RunError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import DONE, Task, TaskRecord, is_failure
from evalkit.notebook.templates import find_template, list_templates
from evalkit.plan import check_plan
from evalkit.report import write_assets
from evalkit.runs import Ledger, RunFolder, gather_findings, write_findings
from evalkit.runs.codes import LEDGER_FULL, OTHER_PLAN
from evalkit.runs.files import write_atomic

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

_TASK_BYTES = 700_000  # a published report with its data and its notebook, measured on the demo, rounded up
_RESERVE_BYTES = 4_000_000  # kept free so that the ledger and the portfolio can be written when the disk fills up


@dataclass(frozen=True)
class RunOptions:
    """What the command line adds to a plan."""

    out: Path | None = None
    territories: Sequence[str] = ()
    templates: Sequence[str] = ()
    languages: Sequence[str] = ()
    workers: int | None = None
    timeout: float | None = 600.0
    force: bool = False
    messages: str = "fr"


@dataclass(frozen=True)
class RunResult:
    """How a run ended."""

    folder: RunFolder
    records: list[TaskRecord]
    problems: list[Problem] = field(default_factory=list)
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """Return 0 all well, 1 some task failed, 130 interrupted."""
        if self.interrupted:
            return 130
        return 1 if any(is_failure(r.state) or r.state == "cancelled" for r in self.records) else 0


class Listener(Protocol):
    """What a display wants to hear of a run."""

    def begin(self, total: int, kept: int) -> None:
        """`total` tasks will run, `kept` are already published."""

    def start(self, task: Task) -> None:
        """A task has started."""

    def done(self, record: TaskRecord) -> None:
        """A task has ended."""


def run_plan(plan_file: Path, warehouse: Warehouse, options: RunOptions, listener: Listener) -> RunResult:
    """Execute a plan; raises `PlanError` when it is refused, `RunError` when the run folder cannot take it."""
    plan, problems = check_plan(plan_file, warehouse, templates=list_templates(plan_file))
    errors = [problem for problem in problems if problem.severity == "error"]
    if plan is None or errors:
        raise PlanError(errors)
    tasks = plan_tasks(
        plan, warehouse, territories=options.territories, templates=options.templates, languages=options.languages
    )
    folder = RunFolder(options.out or default_folder(plan))
    _require_room(folder, len(tasks))
    with folder.locked(), Ledger(folder.ledger) as ledger:
        _require_same_evaluation(ledger, folder, plan)
        started = _now()
        _keep_plan(plan, folder)
        write_assets(folder.assets)
        todo = _missing(ledger, folder, tasks, force=options.force)
        ledger.plan(todo)
        listener.begin(len(todo), len(tasks) - len(todo))
        works = [_work(task, plan, folder, warehouse, options, started) for task in todo]
        interrupted = _execute(works, ledger, folder, options.workers or default_workers(), listener)
        records = ledger.records()
        findings = gather_findings(folder, records)
        write_findings(folder, findings)
        publish_portfolio(plan, warehouse, folder, records, started)
        record_run(plan, warehouse, folder, ledger, started=started, finished=_now())
    return RunResult(folder, records, problems, interrupted)


def default_folder(plan: EvaluationPlan) -> Path:
    """Return `runs/<evaluation>-<UTC date and time>`."""
    return Path("runs") / f"{plan.evaluation}-{_now():%Y%m%dT%H%M%SZ}"


def default_workers() -> int:
    """Return how many tasks run at once: one a core."""
    import os

    return len(os.sched_getaffinity(0))


def room_needed(tasks: int) -> int:
    """Return how many bytes a run of so many tasks needs, about."""
    return tasks * _TASK_BYTES + 2 * _RESERVE_BYTES


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _require_room(folder: RunFolder, tasks: int) -> None:
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
    ledger.set_meta("evaluation", plan.evaluation)
    ledger.set_meta("plan_sha256", plan.sha256)


def _keep_plan(plan: EvaluationPlan, folder: RunFolder) -> None:
    """Copy the plan into the run, for the record; tasks read the plan in its place and stop when it was edited meanwhile."""
    write_atomic(folder.plan_copy("evaluation.yaml"), plan.file.read_bytes())


def _missing(ledger: Ledger, folder: RunFolder, tasks: Sequence[Task], *, force: bool) -> list[Task]:
    """Return the tasks that are not published with the same key."""
    known = {(r.lang, r.template, r.territory): r for r in ledger.records()}
    return [
        task
        for task in tasks
        if force
        or (record := known.get((task.lang, task.template, task.territory))) is None
        or record.state not in DONE
        or record.key != task.key
        or not folder.report(record).is_file()
    ]


def _work(
    task: Task,
    plan: EvaluationPlan,
    folder: RunFolder,
    warehouse: Warehouse,
    options: RunOptions,
    started: datetime.datetime,
) -> Work:
    return Work(
        task=task,
        run_root=str(folder.root.absolute()),
        template_file=str(find_template(task.template, plan.file).file.absolute()),
        plan_file=str(plan.file.absolute()),
        warehouse=str(warehouse.root.absolute()),
        evaluation=plan.evaluation,
        plan_sha256=plan.sha256,
        languages=plan.languages,
        timeout=options.timeout,
        started=started,
    )


def _execute(works: Sequence[Work], ledger: Ledger, folder: RunFolder, workers: int, listener: Listener) -> bool:
    """Run the works, each outcome into the ledger as it comes; return whether the user interrupted."""
    reserve = folder.private / "reserve"

    def started(work: Work) -> None:
        ledger.start(work.task)
        listener.start(work.task)

    def finish(record: TaskRecord) -> None:
        ledger.finish(record)
        listener.done(record)

    pool: Pool[Work, TaskRecord] = Pool(execute, workers=workers, lost=lost, started=started)
    lang = works[0].task.lang if works else "fr"
    try:
        reserve.write_bytes(bytes(_RESERVE_BYTES))
        for record in pool.run(works):
            if record.state == "failed_storage":
                reserve.unlink(missing_ok=True)
                if shutil.disk_usage(folder.root).free < _RESERVE_BYTES + _TASK_BYTES:
                    finish(record)
                    pool.close()
                    ledger.close_open(
                        "cancelled", Problem(LEDGER_FULL, {"folder": str(folder.root.name)}).message(lang)
                    )
                    return False
            finish(record)
    except KeyboardInterrupt:
        pool.close()
        ledger.close_open("cancelled", Problem(codes.INTERRUPTED).message(lang))
        return True
    finally:
        reserve.unlink(missing_ok=True)
        shutil.rmtree(folder.work, ignore_errors=True)
    return False
