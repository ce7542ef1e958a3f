"""`evalkit verify`: the published results, computed again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evalkit.cli.speaking import UiLang, is_terminal, say
from evalkit.text import Message, msg, nmsg

if TYPE_CHECKING:
    from evalkit.verify import Row

_HEADS: tuple[Message, ...] = (
    msg("case"), msg("what"), msg("as published"), msg("obtained"), msg("digits"), msg("tolerance"), msg("verdict"), msg("reason"),
    msg("source"),
)  # fmt: skip
_VERDICTS = {"passed": msg("met"), "failed": msg("NOT MET"), "not_covered": msg("not covered")}


def verify(
    ui_lang: UiLang,
    reference: Annotated[
        Path | None,
        typer.Option("--reference", metavar="DIR", help="Folder of the reference data: its cases are run too."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the published statistical cases again: what was published, what is obtained, how many digits agree.

    Example: evalkit verify --reference ../shared/reference
    """
    from evalkit.verify import summarise, verification_table
    from evalkit.verify.showing import record

    rows = verification_table(reference)
    summary = summarise(rows)
    if as_json:
        answer: dict[str, Any] = {
            "summary": {
                "sentence": summary.sentence.render(ui_lang),
                "figures": summary.figures,
                "passed": summary.passed,
                "failed": summary.failed,
                "cases": summary.cases,
                "not_covered": summary.not_covered,
            },
            "rows": [record(row, ui_lang) for row in rows],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        _print(rows, ui_lang)
        say(summary.sentence, ui_lang)
        if summary.not_covered:
            say(nmsg("{n} row is not covered", "{n} rows are not covered", summary.not_covered), ui_lang)
    if summary.failed:
        raise typer.Exit(1)


def _print(rows: Sequence[Row], lang: str) -> None:
    """Print the table: one block for each case in a terminal, tab-separated text elsewhere."""
    from evalkit.verify.showing import digits_shown, obtained_shown, tolerance_shown

    heads = [head.render(lang) for head in _HEADS]
    lines = [
        (
            row, (
                row.case, row.what.render(lang), row.published, obtained_shown(row), digits_shown(row), tolerance_shown(row),
                _VERDICTS[row.state].render(lang), row.reason.render(lang), row.source,
            ),
        )
        for row in rows
    ]  # fmt: skip
    if not is_terminal():
        for line in (heads, *(cells for _, cells in lines)):
            typer.echo("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for _, group in groupby(lines, key=lambda line: line[0].case):
        block = list(group)
        table = Table(
            *heads[1:8],
            box=None,
            title=f"{block[0][0].title.render(lang)} – {block[0][0].source}",
            title_justify="left",
        )
        for row, cells in block:
            table.add_row(*(Text(cell) for cell in cells[1:8]), style="bold red" if row.state == "failed" else None)
        console.print(table)
