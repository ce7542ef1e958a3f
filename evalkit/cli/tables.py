"""Tables in a terminal, and as tab-separated text elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from evalkit.cli.speaking import is_terminal
from evalkit.text import Message, msg

if TYPE_CHECKING:
    from evalkit.data.status import StatusRow

_HEADS: tuple[Message, ...] = (
    msg("indicator"), msg("level"), msg("breakdown"), msg("period"), msg("published"), msg("secret"), msg("missing"),
    msg("estimated"), msg("not applicable"), msg("data sets"),
)  # fmt: skip


def print_status(rows: Sequence[StatusRow], lang: str) -> None:
    """Print what the warehouse holds: one row for each indicator, level, breakdown and period."""
    cells = [
        (
            row.indicator, f"{row.level} {row.geography}", row.breakdown, row.period_label, *map(str, (
                row.published, row.secret, row.missing, row.estimated, row.not_applicable,
            )), ", ".join(row.datasets),
        )
        for row in rows
    ]  # fmt: skip
    heads = [head.render(lang) for head in _HEADS]
    if not is_terminal():
        for line in (heads, *cells):
            typer.echo("\t".join(line))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads, box=None)
    for line in cells:
        table.add_row(*line)
    Console().print(table)
