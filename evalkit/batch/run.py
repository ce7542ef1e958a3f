"""A run from plan to portfolio: check, plan the tasks, execute them, gather the findings, publish the portfolio."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.batch import codes
from evalkit.batch.cluster import default_workers
from evalkit.batch.conduct import RESERVE_BYTES, TASK_BYTES, Crew, Listener, clear_leftovers, conduct, reconcile
from evalkit.batch.estimate import Estimate, estimate
from evalkit.batch.execute import Work
from evalkit.batch.forward import bring_forward, is_gathered, note_gathered
from evalkit.batch.portfolio import publish_portfolio
from evalkit.batch.record import record_run
from evalkit.batch.stages import prepare_stages
from evalkit.batch.tasks import plan_tasks
from evalkit.batch.verified import verified
from evalkit.batch.warm.choice import Kernel, choose_kernel
from evalkit.data.mirror import reference_of
from evalkit.errors import Code, PlanError, Problem, RunError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import Task, TaskRecord, is_failure
from evalkit.notebook.templates import find_template, list_templates
from evalkit.plan import check_plan
from evalkit.report import load_theme, write_assets
from evalkit.runs import Ledger, RunFolder, gather_findings, open_run, write_findings
from evalkit.runs.codes import NOT_WRITABLE, OTHER_PLAN
from evalkit.runs.files import write_atomic

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse
    from evalkit.text import Message


@dataclass(frozen=True)
class RunOptions:
    """What the command line adds to a plan."""

    out: Path | str | None = None
    territories: Sequence[str] = ()
    templates: Sequence[str] = ()
    languages: Sequence[str] = ()
    workers: int | None = None
    timeout: float | None = 600.0
    force: bool = False
    kernel: Kernel = "warm"
    memory_limit: int | None = None
    scheduler: str | None = None
    retries: int = 1
    told: Callable[[Message], None] | None = None


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


def run_plan(plan_file: Path, warehouse: Warehouse, options: RunOptions, listener: Listener) -> RunResult:
    """Execute a plan; raises `PlanError` when it is refused, `RunError` when the run folder cannot take it."""
    plan, problems = check_plan(plan_file, warehouse, templates=list_templates(plan_file))
    errors = [problem for problem in problems if problem.severity == "error"]
    if plan is None or errors:
        raise PlanError(errors)
    tasks = plan_tasks(
        plan, warehouse, territories=options.territories, templates=options.templates, languages=options.languages
    )
    folder = open_run(options.out or default_folder(plan))
    with _needed(RunError, NOT_WRITABLE, folder):
        folder.require_usable()
        if not folder.exists():
            _require_room(folder, len(tasks))
        with folder.locked() as token, Ledger(folder.ledger) as ledger:
            started = _now()
            works = _prepare(plan, warehouse, folder, ledger, tasks, options, started)
            kernel, warnings = choose_kernel(options.kernel) if works else (options.kernel, [])
            works = [replace(work, kernel=kernel, token=token) for work in works]
            problems = [*problems, *warnings]
            if works and options.told is not None:
                options.told(_estimate(plan, folder, options, len(works), kernel).sentence)
            listener.begin(len(works), len(tasks) - len(works))
            if works:
                folder.send_inputs()
            crew = Crew(options.workers or default_workers(), token, options.scheduler, options.retries)
            interrupted = conduct(works, ledger, folder, crew, listener)
            records = ledger.records()
            with _needed(UnpublishedError, codes.NOT_PUBLISHED, folder):
                if not is_gathered(plan, warehouse, folder, ledger, records):
                    folder.fetch_findings(records)
                    write_findings(folder, gather_findings(folder, records))
                    publish_portfolio(plan, warehouse, folder, records, started)
                    record_run(plan, warehouse, folder, ledger, started=started, finished=_now())
                    folder.publish()
                    note_gathered(plan, warehouse, ledger, records)
                folder.keep(ledger, token, now=True)
    return RunResult(folder, records, problems, interrupted)


class UnpublishedError(RunError):
    """The tasks of a run are done, its portfolio could not be written."""

    exit_code = 1


@contextmanager
def _needed(kind: type[RunError], code: Code, folder: RunFolder) -> Iterator[None]:
    """Turn a refusal of the file system into a message."""
    try:
        yield
    except OSError as error:
        raise kind.of(code, folder=folder.place, reason=error.strerror or type(error).__name__) from error


def _prepare(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    folder: RunFolder,
    ledger: Ledger,
    tasks: Sequence[Task],
    options: RunOptions,
    started: datetime.datetime,
) -> list[Work]:
    """Bring the run folder up to date with the plan and return what is to be done."""
    _require_same_evaluation(ledger, folder, plan)
    clear_leftovers(folder)
    reconcile(ledger, folder, plan_tasks(plan, warehouse))
    todo = bring_forward(plan, warehouse, folder, ledger, tasks, force=options.force, started=started)
    _require_room(folder, len(todo))
    ledger.set_meta("evaluation", plan.evaluation)
    ledger.set_meta("plan_sha256", plan.sha256)
    write_assets(folder.assets)
    theme = None if plan.theme is None else load_theme(plan.theme)
    if theme is not None:
        theme.write(folder.assets)
    templates = _keep_inputs(plan, folder)
    ledger.plan(todo)
    if todo:
        prepare_stages(plan, warehouse, folder)
    fingerprint = warehouse.fingerprint()
    verification = verified(plan.languages) if todo else {}
    return [
        Work(
            task=task,
            run_root=folder.address,
            template_file=str(templates[task.template].absolute()),
            plan_file=str(plan.file.absolute()),
            warehouse=reference_of(warehouse.root),
            evaluation=plan.evaluation,
            plan_sha256=plan.sha256,
            fingerprint=fingerprint,
            languages=plan.languages,
            timeout=options.timeout,
            started=started,
            verification=verification[task.lang],
            memory_limit=options.memory_limit,
            seed=plan.seed,
            theme=None if theme is None else theme.page(task.lang),
        )
        for task in todo
    ]


def default_folder(plan: EvaluationPlan) -> Path:
    """Return `runs/<evaluation>-<UTC date and time>`."""
    return Path("runs") / f"{plan.evaluation}-{_now():%Y%m%dT%H%M%SZ}"


def _estimate(plan: EvaluationPlan, folder: RunFolder, options: RunOptions, tasks: int, kernel: str) -> Estimate:
    workers = min(options.workers or default_workers(), tasks)
    return estimate(folder, plan.evaluation, tasks, workers=workers, size=tasks * TASK_BYTES, kernel=kernel)


def room_needed(tasks: int) -> int:
    """Return how many bytes a run of so many tasks needs, about."""
    return tasks * TASK_BYTES + 2 * RESERVE_BYTES


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


def _keep_inputs(plan: EvaluationPlan, folder: RunFolder) -> dict[str, Path]:
    """Copy the plan and its templates into the run; return the copies of the templates, which are what is executed.

    Tasks read the plan in its place, for its paths, and stop when it was edited meanwhile.
    """
    write_atomic(folder.plan_copy("evaluation.yaml"), plan.file.read_bytes())
    copies = {}
    for item in plan.templates:
        copies[item.name] = folder.plan_copy(f"templates/{item.name}.ipynb")
        write_atomic(copies[item.name], find_template(item.name, plan.file).content)
    return copies
