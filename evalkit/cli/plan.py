"""`evalkit check`, `evalkit plan`, `evalkit run`."""

from __future__ import annotations

import contextlib
import enum
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.cli.eventlog import EventLog
from evalkit.cli.progress import Progress
from evalkit.cli.speaking import UiLang, plain, say, show
from evalkit.model.run import TaskRecord, is_failure
from evalkit.text import msg, nmsg

if TYPE_CHECKING:
    from evalkit.batch import RunResult
    from evalkit.batch.since import Since as Earlier
    from evalkit.data.warehouse import Warehouse
    from evalkit.model.plan import EvaluationPlan
    from evalkit.model.run import Task
    from evalkit.runs import RunFolder

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The evaluation plan (YAML).")]
WarehouseOption = Annotated[
    str | None,
    typer.Option(
        "--warehouse",
        metavar="DIR",
        help="Where the data is, a folder or s3://...; by default the plan's, else data/warehouse.",
    ),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=256, help="How many tasks run at once (one a core).")
]


Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Use the workers of this Dask scheduler, for instance tcp://10.0.0.5:8786.",
    ),
]
Retries = Annotated[
    int,
    typer.Option(
        "--retries", min=0, max=10, help="How often a report is tried again when its kernel or worker was lost."
    ),
]
RetryTimeouts = Annotated[
    bool, typer.Option("--retry-timeouts", help="Try a report again that ran out of time too, as often as --retries.")
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="RUN", help="Each report says what changed since this earlier run of the evaluation."
    ),
]


class KernelChoice(enum.StrEnum):
    """Where the process that computes a report comes from."""

    WARM = "warm"
    FRESH = "fresh"


KernelOption = Annotated[
    KernelChoice,
    typer.Option("--kernel", help="warm: forked from a process that has all libraries loaded; fresh: started anew."),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option("--memory-limit", metavar="SIZE", help="Stop a report that takes more memory, for instance 2GB."),
]


def memory_bytes(size: str | None) -> int | None:
    """Return the bytes of `--memory-limit`; raises `UsageError` for what is no size, or too small for any report."""
    if size is None:
        return None
    from evalkit.batch.codes import BAD_SIZE
    from evalkit.batch.memory import SMALLEST, parse_size
    from evalkit.errors import UsageError

    try:
        found = parse_size(size)
    except ValueError:
        found = 0
    if found < SMALLEST:
        raise UsageError.of(BAD_SIZE, value=size, least=str(SMALLEST // 1_000_000))
    return found


def check(plan: PlanFile, ui_lang: UiLang, warehouse: WarehouseOption = None) -> None:
    """Lint the plan and its data: every problem at once, nothing is executed.

    Example: evalkit check evaluation.yaml
    """
    from evalkit.batch.cluster import default_workers
    from evalkit.batch.estimate import estimate
    from evalkit.batch.preparing import room_needed
    from evalkit.batch.run import default_folder
    from evalkit.batch.tasks import plan_tasks
    from evalkit.notebook.templates import list_templates
    from evalkit.plan import check_plan
    from evalkit.runs import open_run

    store = open_warehouse(warehouse, plan, must_exist=False)
    accepted, problems = check_plan(plan, store, templates=list_templates(plan))
    show(problems, ui_lang)
    errors = [problem for problem in problems if problem.severity == "error"]
    if accepted is None or errors:
        say(nmsg("{n} problem to solve", "{n} problems to solve", len(errors)), ui_lang)
        raise typer.Exit(2)
    if store is None:
        say(msg("The plan is well formed; there is no data yet, add it with `evalkit data add`"), ui_lang)
        return
    tasks = plan_tasks(accepted, store)
    size = room_needed(len(tasks))
    workers = min(default_workers(), len(tasks))
    expected = estimate(
        open_run(default_folder(accepted)), accepted.evaluation, len(tasks), workers=workers, size=size, kernel="warm"
    )
    say(msg("The plan is accepted"), ui_lang)
    say(expected.sentence, ui_lang)


def tasks(
    plan: PlanFile,
    ui_lang: UiLang,
    warehouse: WarehouseOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say for each task whether it would run or be reused, and why.")
    ] = False,
    out: Annotated[
        str | None, typer.Option("--out", metavar="RUN", help="The run folder that would be given to `evalkit run`.")
    ] = None,
    since: Since = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the tasks of a plan; with --explain, why each one would run or be reused.

    Example: evalkit plan evaluation.yaml --explain --out runs/2026
    """
    from evalkit.batch.run import default_folder
    from evalkit.batch.since import load_since
    from evalkit.batch.tasks import plan_tasks
    from evalkit.notebook.templates import list_templates
    from evalkit.plan import check_plan
    from evalkit.runs import open_run

    store = open_warehouse(warehouse, plan)
    assert store is not None
    accepted, problems = check_plan(plan, store, templates=list_templates(plan))
    if accepted is None or any(problem.severity == "error" for problem in problems):
        show(problems, ui_lang, error=True)
        raise typer.Exit(2)
    folder = open_run(out or default_folder(accepted))
    earlier = None if since is None else load_since(since, accepted.evaluation, folder)
    planned = plan_tasks(accepted, store, since=earlier)
    if explain:
        rows, counted = _decided(accepted, store, planned, folder.brought(), earlier, ui_lang)
        _explain(rows, counted, ui_lang, as_json=as_json)
    elif as_json:
        rows = [{name: getattr(task, name) for name in ("territory", "template", "lang")} for task in planned]
        typer.echo(json.dumps({"tasks": rows}, ensure_ascii=False, indent=2))
    else:
        for task in planned:
            typer.echo(f"{task.lang}\t{task.template}\t{task.territory}")


def _decided(
    plan: EvaluationPlan, store: Warehouse, planned: list[Task], folder: RunFolder, since: Earlier | None, lang: str
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return of each task whether it would run or be reused, and why; then how many for each reason."""
    from evalkit.batch.explain import Explainer, as_row, summary
    from evalkit.batch.forward import decide
    from evalkit.runs import Ledger

    with contextlib.ExitStack() as stack:
        ledger = stack.enter_context(Ledger(folder.ledger, read_only=True)) if folder.exists() else None
        decisions = decide(plan, store, folder, ledger, planned, since=since)
    explainer = Explainer(store)
    rows = [as_row(found, explainer.why(found).render(lang)) for found in decisions]
    return rows, [line.render(lang) for line in summary(decisions)]


def _explain(rows: list[dict[str, Any]], counted: list[str], lang: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"tasks": rows, "summary": counted}, ensure_ascii=False, indent=2))
        return
    for row in rows:
        action = msg("reuse") if row["action"] == "reuse" else msg("run")
        said = msg("{cause}: {parts}", cause=action, parts=row["why"]).render(lang)
        typer.echo(plain(f"{row['lang']}/{row['template']}/{row['territory']}  {said}"))
    typer.echo("")
    for line in counted:
        typer.echo(line)


def run(
    plan: PlanFile,
    ui_lang: UiLang,
    warehouse: WarehouseOption = None,
    out: Annotated[
        str | None,
        typer.Option("--out", metavar="RUN", help="Run folder, or s3://bucket/run; an existing one is resumed."),
    ] = None,
    territory: Annotated[
        list[str] | None, typer.Option("--territory", metavar="CODE", help="Only this territory (repeat).")
    ] = None,
    template: Annotated[
        list[str] | None, typer.Option("--template", metavar="NAME", help="Only this template (repeat).")
    ] = None,
    lang: Annotated[list[str] | None, typer.Option("--lang", help="Only this language of the plan (repeat).")] = None,
    workers: Workers = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, metavar="SECONDS", help="Wall clock for one report.")
    ] = 600,
    force: Annotated[bool, typer.Option("--force", help="Run again what is already published.")] = False,
    kernel: KernelOption = KernelChoice.WARM,
    memory_limit: MemoryLimit = None,
    scheduler: Scheduler = None,
    retries: Retries = 1,
    retry_timeouts: RetryTimeouts = False,
    since: Since = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a line for each event, and nothing else.")
    ] = False,
) -> None:
    """Execute a plan: one notebook per template, territory and language; reports and a portfolio.

    The same command on an existing run folder runs what is missing or failed, and leaves the rest.

    Tasks run on this machine, one a core, or on the workers of a Dask scheduler.

    Example: evalkit run evaluation.yaml --out runs/2026 --workers 2 --memory-limit 2GB

    Example: evalkit run evaluation.yaml --out s3://bucket/runs/2026 --scheduler tcp://10.0.0.5:8786

    Example: evalkit run evaluation.yaml --out runs/2027 --since runs/2026
    """
    from evalkit.batch import RunOptions, run_plan

    store = open_warehouse(warehouse, plan)
    assert store is not None
    options = RunOptions(
        out=out, territories=territory or (), templates=template or (), languages=lang or (), workers=workers, timeout=timeout,
        force=force, kernel=kernel.value, memory_limit=memory_bytes(memory_limit), scheduler=scheduler, retries=retries,
        retry_timeouts=retry_timeouts, since=since,
    )  # fmt: skip
    if as_json:
        log = EventLog()
        result = run_plan(plan, store, options, log)
        show([problem for problem in result.problems if problem.severity == "warning"], ui_lang, error=True)
        log.end(result)
        raise typer.Exit(result.exit_code)
    with Progress(ui_lang) as progress:
        result = run_plan(plan, store, replace(options, told=lambda message: say(message, ui_lang)), progress)
    finish(result, ui_lang)


def finish(result: RunResult, lang: str) -> None:
    """Say how a run ended, where its portfolio is, and exit with its code."""
    show([problem for problem in result.problems if problem.severity == "warning"], lang, error=True)
    failed = [record for record in result.records if is_failure(record.state)]
    refused = [record for record in result.records if record.state == "refused"]
    if refused:
        say(
            nmsg("{n} report was refused by its template", "{n} reports were refused by their template", len(refused)),
            lang,
        )
    if failed:
        say(
            nmsg(
                "{n} report failed, the portfolio says why", "{n} reports failed, the portfolio says why", len(failed)
            ),
            lang,
        )
        _say_causes(failed)
    left = [record for record in result.records if record.state == "cancelled"]
    if left and not result.interrupted:
        say(nmsg("{n} report was not made", "{n} reports were not made", len(left)), lang)
        _say_causes(left)
    if result.interrupted:
        say(msg("Interrupted: give the same command with --out {folder} to go on", folder=result.folder.place), lang)
    say(msg("Portfolio: {path}", path=f"{result.folder.place}/index.html"), lang)
    raise typer.Exit(result.exit_code)


def _say_causes(records: Sequence[TaskRecord]) -> None:
    """Say each cause once, the most frequent first."""
    causes = Counter(f"{record.state}: {record.reason}" for record in records)
    for cause, count in sorted(causes.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"  {count} × {plain(cause)}")


def open_warehouse(given: Path | str | None, plan: Path | None, *, must_exist: bool = True) -> Warehouse | None:
    """Open the warehouse of a plan; None when there is none and it need not exist."""
    from evalkit.data.location import locate_warehouse
    from evalkit.data.warehouse import Warehouse
    from evalkit.errors import DataError, PlanError
    from evalkit.plan import load_plan

    planned = None
    if given is None and plan is not None:
        try:
            planned = load_plan(plan).warehouse
        except PlanError:
            if must_exist:
                raise
    try:
        return Warehouse.open(locate_warehouse(given, planned))
    except DataError:
        if must_exist or given is not None:
            raise
        return None
