"""`evalkit runs`: what was run, and how it ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.speaking import UiLang, plain
from evalkit.errors import RunError
from evalkit.runs import Ledger, list_runs, open_run, read_manifest

app = typer.Typer(no_args_is_help=True, help="Runs: list, show, verify, compare and prune them.")
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run folder, or s3://bucket/run.")]


@app.command("list")
def list_command(
    ui_lang: UiLang,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the runs are.")] = Path("runs"),
) -> None:
    """List the runs of a folder.

    Example: evalkit runs list
    """
    for run in list_runs(folder):
        try:
            with Ledger(run.ledger, read_only=True) as ledger:
                counts = " ".join(f"{state}={count}" for state, count in ledger.counts().items())
        except RunError as error:
            counts = error.render(ui_lang)
        typer.echo(f"{run.run_id:40} {counts}")


@app.command()
def show(
    run: RunArgument,
    ui_lang: UiLang,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a run: its tasks by state, and why those that failed did.

    Example: evalkit runs show runs/demo --json
    """
    folder = open_run(run).require()
    with Ledger(folder.ledger, read_only=True) as ledger:
        records, counts = list(ledger.brief()), ledger.counts()
    if as_json:
        names = ("territory", "template", "lang", "state", "reason", "seconds")
        rows = [{name: getattr(record, name) for name in names} for record in records]
        typer.echo(json.dumps({"run": folder.run_id, "counts": counts, "tasks": rows}, ensure_ascii=False, indent=2))
        return
    manifest = read_manifest(folder)
    typer.echo(f"{folder.run_id}  {manifest.evaluation if manifest else ''}")
    for state, count in counts.items():
        typer.echo(f"  {state:16} {count}")
    for record in records:
        if record.reason:
            typer.echo(plain(f"  {record.state}  {record.lang}/{record.template}/{record.territory}: {record.reason}"))
