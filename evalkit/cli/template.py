"""`evalkit template`: the notebook templates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.speaking import UiLang

app = typer.Typer(no_args_is_help=True, help="Notebook templates.")


@app.command("list")
def list_command(
    ui_lang: UiLang,
    plan: Annotated[Path | None, typer.Option("--plan", metavar="PLAN", help="Also those beside this plan.")] = None,
) -> None:
    """List the templates that a plan can name, with their parameters.

    Example: evalkit template list
    """
    from evalkit.notebook.templates import IDENTITY_PARAMETERS, list_templates

    for template in list_templates(plan).values():
        own = [f"{name}={value!r}" for name, value in template.parameters.items() if name not in IDENTITY_PARAMETERS]
        typer.echo(f"{template.name:24} {', '.join(own)}")
