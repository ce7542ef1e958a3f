"""`evalkit doctor`: what this machine has and lacks, with the fix."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.speaking import UiLang, plain
from evalkit.text import msg


def doctor(
    ui_lang: UiLang,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where runs are to be made.")] = Path("runs"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what this machine has and lacks, each with the fix; exit code 1 when something that every run needs is lacking.

    Example: evalkit doctor
    """
    from evalkit.cli.checking import checks

    found = checks(runs)
    failed = any(check.needed and not check.ok for check in found)
    if as_json:
        rows = [
            {
                "name": check.name,
                "ok": check.ok,
                "needed": check.needed,
                "found": check.found,
                "fix": None if check.ok or check.fix is None else check.fix.render(ui_lang),
            }
            for check in found
        ]
        typer.echo(json.dumps({"ok": not failed, "checks": rows}, ensure_ascii=False, indent=2))
        raise typer.Exit(int(failed))
    for check in found:
        state = msg("OK") if check.ok else msg("LACKING") if check.needed else msg("lacking, optional")
        line = f"{check.label.render(ui_lang):24} {state.render(ui_lang):20} {check.found}"
        typer.echo(plain(line))
        if not check.ok and check.fix is not None:
            typer.echo(f"    → {check.fix.render(ui_lang)}")
    raise typer.Exit(int(failed))
