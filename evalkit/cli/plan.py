"""`evalkit check`, `evalkit plan`, `evalkit run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.cli.progress import Progress
from evalkit.cli.speaking import UiLang, plain, say, show
from evalkit.model.run import TaskRecord, is_failure
from evalkit.text import msg, nmsg

if TYPE_CHECKING:
    from evalkit.batch import RunResult
    from evalkit.data.warehouse import Warehouse

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The evaluation plan (YAML).")]
WarehouseOption = Annotated[
    Path | None,
    typer.Option("--warehouse", metavar="DIR", help="Where the data is; by default the plan's, else data/warehouse."),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=256, help="How many tasks run at once (one a core).")
]


def check(plan: PlanFile, ui_lang: UiLang, warehouse: WarehouseOption = None) -> None:
    """Lint the plan and its data: every problem at once, nothing is executed.

    Example: evalkit check evaluation.yaml
    """
    from evalkit.batch.run import room_needed
    from evalkit.batch.tasks import plan_tasks
    from evalkit.notebook.templates import list_templates
    from evalkit.plan import check_plan

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
    size = room_needed(len(tasks)) // 1_000_000
    seconds = len(tasks) * 3
    say(
        nmsg(
            "The plan is accepted: {n} report, about {size} MB and {minutes} min on one core",
            "The plan is accepted: {n} reports, about {size} MB and {minutes} min on one core",
            len(tasks),
            size=str(size),
            minutes=str(max(1, round(seconds / 60))),
        ),
        ui_lang,
    )


def tasks(plan: PlanFile, ui_lang: UiLang, warehouse: WarehouseOption = None) -> None:
    """List the tasks of a plan.

    Example: evalkit plan evaluation.yaml
    """
    from evalkit.batch.tasks import plan_tasks
    from evalkit.notebook.templates import list_templates
    from evalkit.plan import check_plan

    store = open_warehouse(warehouse, plan)
    assert store is not None
    accepted, problems = check_plan(plan, store, templates=list_templates(plan))
    if accepted is None or any(problem.severity == "error" for problem in problems):
        show(problems, ui_lang, error=True)
        raise typer.Exit(2)
    for task in plan_tasks(accepted, store):
        typer.echo(f"{task.lang}\t{task.template}\t{task.territory}")


def run(
    plan: PlanFile,
    ui_lang: UiLang,
    warehouse: WarehouseOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="RUN", help="Run folder; an existing one is resumed.")
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
) -> None:
    """Execute a plan: one notebook per template, territory and language; reports and a portfolio.

    The same command on an existing run folder runs what is missing or failed, and leaves the rest.

    Example: evalkit run evaluation.yaml --out runs/2026 --workers 2
    """
    from evalkit.batch import RunOptions, run_plan

    store = open_warehouse(warehouse, plan)
    assert store is not None
    options = RunOptions(
        out=out, territories=territory or (), templates=template or (), languages=lang or (), workers=workers, timeout=timeout,
        force=force,
    )  # fmt: skip
    with Progress(ui_lang) as progress:
        result = run_plan(plan, store, options, progress)
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
        say(
            msg("Interrupted: give the same command with --out {folder} to go on", folder=str(result.folder.root)), lang
        )
    say(msg("Portfolio: {path}", path=str(result.folder.root / "index.html")), lang)
    raise typer.Exit(result.exit_code)


def _say_causes(records: Sequence[TaskRecord]) -> None:
    """Say each cause once, the most frequent first."""
    causes = Counter(f"{record.state}: {record.reason}" for record in records)
    for cause, count in sorted(causes.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"  {count} × {plain(cause)}")


def open_warehouse(given: Path | None, plan: Path | None, *, must_exist: bool = True) -> Warehouse | None:
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
