"""`evalkit init`: a new evaluation, with a plan to complete."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.codes import NOT_EMPTY
from evalkit.cli.speaking import UiLang, say
from evalkit.errors import UsageError
from evalkit.text import msg

_STARTERS = Path(__file__).parent / "starters"
_FOLDERS = ("donnees", "templates", "runs")


class Starter(enum.StrEnum):
    """The plans to start from."""

    ANRU = "anru"
    CONTRAT_DE_VILLE = "contrat_de_ville"
    ESS = "ess"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the new evaluation.")],
    ui_lang: UiLang,
    kind: Annotated[
        Starter, typer.Option("--for", help="The kind of programme whose starter plan is written.")
    ] = Starter.CONTRAT_DE_VILLE,
) -> None:
    """Make a new evaluation: a starter plan in French to complete, folders for data, templates and runs, a README.

    Example: evalkit init mon-evaluation --for anru
    """
    from evalkit.runs.files import write_atomic

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError.of(NOT_EMPTY, folder=str(folder))
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_atomic(folder / "evaluation.yaml", (_STARTERS / f"{kind.value}.yaml").read_bytes())
    write_atomic(folder / "README.md", (_STARTERS / "LISEZMOI.md").read_bytes())
    write_atomic(folder / ".gitignore", b"donnees/\nruns/\n")
    plan = folder / "evaluation.yaml"
    say(msg("A new evaluation is ready: complete {plan}, then `evalkit check {plan}`", plan=str(plan)), ui_lang)
