"""`evalkit check` and `evalkit plan`."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.cli.options import PlanFile, Since, WarehouseOption, open_warehouse
from evalkit.cli.speaking import UiLang, plain, say, show
from evalkit.text import msg, nmsg

if TYPE_CHECKING:
    from evalkit.batch.since import Since as Earlier
    from evalkit.data.warehouse import Warehouse
    from evalkit.model.plan import EvaluationPlan
    from evalkit.model.run import Task
    from evalkit.runs import RunFolder


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
