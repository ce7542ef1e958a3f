"""`evalkit runs prune`, `verify` and `diff`: old runs, damaged runs, two runs beside each other."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.cli.runs import RunArgument
from evalkit.cli.speaking import UiLang, plain, say
from evalkit.runs import open_run
from evalkit.text import Message, Quantity, msg, nmsg

if TYPE_CHECKING:
    from evalkit.batch.differences import Difference

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SHOWN = 20


def prune(
    ui_lang: UiLang,
    folder: Annotated[Path, typer.Argument(metavar="[RUNS_DIR]", help="Where the runs are.")] = Path("runs"),
    keep: Annotated[int, typer.Option("--keep", min=1, help="How many runs of each evaluation stay.")] = 3,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, remove nothing.")] = False,
) -> None:
    """Remove old runs: the newest ones of each evaluation stay, and every run that is in use.

    Reports that a newer run took over stay whole in that run.

    Example: evalkit runs prune runs --keep 3 --dry-run
    """
    from evalkit.runs.pruning import plan_pruning, prune

    found = plan_pruning(folder, keep)
    reasons: dict[str, Message] = {
        "newest": msg("kept: among the newest"),
        "in_use": msg("kept: in use"),
        "not_writable": msg("kept: it cannot be written"),
        "unreadable": msg("kept: its ledger cannot be read"),
    }
    for run in found:
        size = Quantity(run.size // 1_000_000).render(ui_lang)
        text = msg("would be removed, {size} MB", size=size) if dry_run else msg("removed, {size} MB", size=size)
        typer.echo(plain(f"{run.folder.run_id:40} {(text if run.goes else reasons[run.reason]).render(ui_lang)}"))
    freed = sum(run.size for run in found if run.goes) if dry_run else prune(found)
    count = sum(1 for run in found if run.goes)
    size = Quantity(freed // 1_000_000).render(ui_lang)
    if dry_run:
        say(nmsg("{n} run would go, {size} MB", "{n} runs would go, {size} MB", count, size=size), ui_lang)
    else:
        say(nmsg("{n} run removed, {size} MB freed", "{n} runs removed, {size} MB freed", count, size=size), ui_lang)


def verify(run: RunArgument, ui_lang: UiLang, as_json: JsonOption = False) -> None:
    """Check that everything a run published is still what its ledger says: bytes, marked line, territory. Exit code 1 if not.

    Example: evalkit runs verify runs/2026
    """
    from evalkit.batch.verifying import verify_run

    folder = open_run(run).require()
    found = verify_run(folder)
    if as_json:
        faults = [{"task": f.task, "file": f.file, "what": f.what.render(ui_lang)} for f in found.faults]
        told = {"run": folder.run_id, "tasks": found.tasks, "files": found.files, "faults": faults}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for fault in found.faults:
            typer.echo(plain(f"{fault.task}  {fault.file}: {fault.what.render(ui_lang)}"))
        files = Quantity(found.files)
        say(
            nmsg("{n} report checked, {files} files", "{n} reports checked, {files} files", found.tasks, files=files),
            ui_lang,
        )
        say(nmsg("{n} fault", "{n} faults", len(found.faults)) if found.faults else msg("All as published"), ui_lang)
    raise typer.Exit(int(bool(found.faults)))


def diff(
    run_a: Annotated[str, typer.Argument(metavar="RUN_A", help="The earlier run.")],
    run_b: Annotated[str, typer.Argument(metavar="RUN_B", help="The later run.")],
    ui_lang: UiLang,
    as_json: JsonOption = False,
    html_file: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a page.")] = None,
) -> None:
    """Say what changed between two runs of an evaluation, finding by finding, and why as far as it can be proved.

    Exit code 1 when a value changed that neither the data nor the method explains.

    Example: evalkit runs diff runs/2025 runs/2026 --html changes.html
    """
    from evalkit.batch.differences import CLASSES, compare_runs, counts

    first, second = open_run(run_a).require(), open_run(run_b).require()
    found = compare_runs(first, second)
    counted = counts(found)
    changed = [item for item in found if item.kind != "unchanged"]
    if html_file is not None:
        html_file.write_text(_page(first.run_id, second.run_id, counted, changed, ui_lang), encoding="utf-8")
    if as_json:
        rows = [{**item.key, "class": item.kind, "before": item.before, "after": item.after} for item in changed]
        told = {"run_a": first.run_id, "run_b": second.run_id, "counts": counted, "findings": rows}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for kind, count in counted.items():
            typer.echo(f"{count:6} {CLASSES[kind].render(ui_lang)}")
        for item in changed[:_SHOWN]:
            typer.echo(plain("  ".join(_cells(item, ui_lang))))
        if len(changed) > _SHOWN:
            say(
                nmsg("and {n} more: see --json or --html", "and {n} more: see --json or --html", len(changed) - _SHOWN),
                ui_lang,
            )
    raise typer.Exit(int("unexplained" in counted))


def _cells(item: Difference, lang: str) -> list[str]:
    from evalkit.batch.differences import CLASSES

    key = item.key
    where = "/".join(str(key[name]) for name in ("lang", "template", "territory"))
    what = " ".join(str(key[name]) for name in ("indicator", "breakdown", "criterion", "period") if key[name])
    values = ["–" if value is None else Quantity(value, "count", 2).render(lang) for value in (item.before, item.after)]
    return [where, what, *values, CLASSES[item.kind].render(lang)]


def _page(first: str, second: str, counted: dict[str, int], changed: list[Difference], lang: str) -> str:
    """Return a page on its own: how many findings are in each class, then every one that changed."""
    from evalkit.batch.differences import CLASSES

    def cells(values: list[Any], tag: str = "td") -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(str(value))}</{tag}>" for value in values) + "</tr>"

    title = msg("From the run {first} to the run {second}", first=first, second=second).render(lang)
    heads = [msg("report"), msg("finding"), msg("before"), msg("after"), msg("class")]
    rows = "\n".join(cells(_cells(item, lang)) for item in changed)
    sums = "\n".join(cells([CLASSES[kind].render(lang), count]) for kind, count in counted.items())
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>\n'
        f"<body><main><h1>{html.escape(title)}</h1>\n<table>\n{sums}\n</table>\n"
        f"<table>\n{cells([head.render(lang) for head in heads], 'th')}\n{rows}\n</table></main></body></html>\n"
    )
