"""`evalkit run`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.cli.eventlog import EventLog
from evalkit.cli.options import (
    KernelChoice,
    KernelOption,
    MemoryLimit,
    PlanFile,
    Retries,
    RetryTimeouts,
    Scheduler,
    Since,
    WarehouseOption,
    Workers,
    memory_bytes,
    open_warehouse,
)
from evalkit.cli.progress import Progress
from evalkit.cli.speaking import UiLang, plain, say, show, tell
from evalkit.model.run import TaskRecord, is_failure
from evalkit.text import msg, nmsg

if TYPE_CHECKING:
    from evalkit.batch import RunResult


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
        tell(f"  {count} × {plain(cause)}")
