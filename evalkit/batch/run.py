"""A run from plan to portfolio: check, plan the tasks, execute them, gather the findings, publish the portfolio."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.batch import codes
from evalkit.batch.cluster import default_workers
from evalkit.batch.conduct import TASK_BYTES, Crew, Listener, conduct
from evalkit.batch.estimate import Estimate, estimate
from evalkit.batch.forward import is_gathered, note_gathered
from evalkit.batch.keeper import PASSING, PASSING_IF_ASKED
from evalkit.batch.past import has_earlier_runs
from evalkit.batch.portfolio import publish_portfolio
from evalkit.batch.power import note_writing, note_written
from evalkit.batch.preparing import Execution, bring_up_to_date, describe, reading_of, require_room
from evalkit.batch.record import record_run
from evalkit.batch.since import load_since
from evalkit.batch.tasks import plan_tasks
from evalkit.batch.warm.choice import Kernel, choose_kernel
from evalkit.data.storage import StoreError
from evalkit.errors import Code, PlanError, Problem, RunError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import DONE, TaskRecord, is_failure
from evalkit.notebook.templates import list_templates
from evalkit.plan import check_plan
from evalkit.runs import Ledger, RunFolder, gather_findings, open_run, write_findings
from evalkit.runs.codes import NOT_WRITABLE, STORE_GONE

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
    retry_timeouts: bool = False
    since: Path | str | None = None
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
    folder = open_run(options.out or default_folder(plan))
    since = None if options.since is None else load_since(options.since, plan.evaluation, folder)
    tasks = plan_tasks(
        plan, warehouse, territories=options.territories, templates=options.templates, languages=options.languages, since=since
    )  # fmt: skip
    with _needed(RunError, NOT_WRITABLE, folder):
        folder.require_usable()
        if not folder.exists():  # what can be taken over from an earlier run is not known yet, and takes no room
            require_room(folder, 0 if has_earlier_runs(folder, plan.evaluation) else len(tasks))
        with folder.locked() as token, Ledger(folder.ledger) as ledger:
            started = _now()
            run = Execution(
                plan, warehouse, folder, ledger, started, token, since, options.timeout, options.memory_limit
            )
            todo = bring_up_to_date(run, tasks, force=options.force)
            kernel, warnings = choose_kernel(options.kernel) if todo else (options.kernel, [])
            problems = [*problems, *warnings]
            if todo and options.told is not None:
                options.told(_estimate(plan, folder, options, len(todo), kernel).sentence)
            if todo:
                note_writing(ledger)
            listener.begin(len(todo), len(tasks) - len(todo))
            works = functools.partial(describe, run, todo, kernel, ahead=options.scheduler is None)
            interrupted = conduct(works, ledger, folder, _crew(options, run, len(todo), kernel), listener)
            records = list(ledger.brief())
            with _needed(UnpublishedError, codes.NOT_PUBLISHED, folder):
                if not is_gathered(plan, warehouse, folder, ledger):
                    folder.fetch_findings(ledger.each(*DONE))
                    write_findings(folder, gather_findings(folder, records))
                    publish_portfolio(plan, warehouse, folder, records, started)
                    record_run(plan, warehouse, folder, ledger, started=started, finished=_now())
                    folder.publish()
                    note_gathered(plan, warehouse, ledger)
                if todo:
                    note_written(ledger)
                folder.keep(ledger, token, now=True)
    return RunResult(folder, records, problems, interrupted)


class UnpublishedError(RunError):
    """The tasks of a run are done, its portfolio could not be written."""

    exit_code = 1


@contextmanager
def _needed(kind: type[RunError], code: Code, folder: RunFolder) -> Iterator[None]:
    """Turn a refusal of the file system, or of object storage, into a message."""
    try:
        yield
    except StoreError as error:
        reason = error.strerror or str(error)
        raise kind.of(code if kind is UnpublishedError else STORE_GONE, folder=folder.place, reason=reason) from error
    except OSError as error:
        raise kind.of(code, folder=folder.place, reason=error.strerror or type(error).__name__) from error


def default_folder(plan: EvaluationPlan) -> Path:
    """Return `runs/<evaluation>-<UTC date and time>`."""
    return Path("runs") / f"{plan.evaluation}-{_now():%Y%m%dT%H%M%SZ}"


def _estimate(plan: EvaluationPlan, folder: RunFolder, options: RunOptions, tasks: int, kernel: str) -> Estimate:
    workers = min(options.workers or default_workers(), tasks)
    return estimate(folder, plan.evaluation, tasks, workers=workers, size=tasks * TASK_BYTES, kernel=kernel)


def _crew(options: RunOptions, run: Execution, tasks: int, kernel: Kernel) -> Crew:
    workers = min(options.workers or default_workers(), tasks)
    passing = PASSING | PASSING_IF_ASKED if options.retry_timeouts else PASSING
    reading = reading_of(run) if tasks else None
    return Crew(workers, run.token, options.scheduler, kernel == "warm", options.retries, passing, reading)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
