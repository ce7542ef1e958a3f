"""`evalkit data`: the official files, and what is known of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.speaking import UiLang, say, show
from evalkit.text import msg, nmsg

app = typer.Typer(no_args_is_help=True, help="Official data: add files, see what is there, see what looks wrong.")
Where = Annotated[Path | None, typer.Option("--warehouse", metavar="DIR", help="Folder of the data (data/warehouse).")]


@app.command("list")
def list_datasets(ui_lang: UiLang) -> None:
    """List the data sets that evalkit can read.

    Example: evalkit data list
    """
    from evalkit.data.registry import registry

    for dataset in registry().values():
        typer.echo(f"{dataset.id:32} {dataset.title.render(ui_lang)} ({dataset.producer})")


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files as the producer publishes them.")],
    dataset: Annotated[str, typer.Option("--as", metavar="DATASET", help="What they are; see `evalkit data list`.")],
    ui_lang: UiLang,
    warehouse: Where = None,
) -> None:
    """Add official files to the warehouse; the same files a second time change nothing.

    Example: evalkit data add qpv_revenus_panel.csv --as insee_qpv_income
    """
    from evalkit.data.adding import add_files
    from evalkit.data.location import locate_warehouse

    result = add_files(locate_warehouse(warehouse, writing=True), files, dataset)
    show(result.problems, ui_lang, error=True)
    if not result.changed:
        say(msg("{dataset}: these files are already there, nothing has changed", dataset=dataset), ui_lang)
        return
    for kind, count in result.counts.items():
        if count:
            typer.echo(f"{dataset}: {count} {kind}")
    if result.skipped:
        names = ", ".join(sorted(result.skipped)[:12])
        say(
            nmsg(
                "{n} column or kind of row is not used: {names}",
                "{n} columns or kinds of rows are not used: {names}",
                len(result.skipped),
                names=names,
            ),
            ui_lang,
        )


@app.command()
def status(ui_lang: UiLang, warehouse: Where = None) -> None:
    """Show what the warehouse holds: indicator, periods, values by status.

    Example: evalkit data status
    """
    from evalkit.cli.tables import print_status
    from evalkit.data.location import locate_warehouse
    from evalkit.data.status import status_table
    from evalkit.data.warehouse import Warehouse

    print_status(status_table(Warehouse.open(locate_warehouse(warehouse))), ui_lang)


@app.command()
def check(ui_lang: UiLang, warehouse: Where = None) -> None:
    """Print what looks wrong in the data, and why.

    Example: evalkit data check
    """
    from evalkit.data.checks import check_warehouse
    from evalkit.data.location import locate_warehouse
    from evalkit.data.warehouse import Warehouse

    problems = check_warehouse(Warehouse.open(locate_warehouse(warehouse)))
    show(problems, ui_lang)
    say(nmsg("{n} point to look at", "{n} points to look at", len(problems)), ui_lang)
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(2)


@app.command()
def remove(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="The data set.")],
    ui_lang: UiLang,
    vintage: Annotated[str | None, typer.Option("--vintage", help="Only this vintage.")] = None,
    warehouse: Where = None,
) -> None:
    """Remove a data set, or one vintage of it, from the warehouse.

    Example: evalkit data remove insee_itdd --vintage 2014
    """
    from evalkit.data.location import locate_warehouse
    from evalkit.data.warehouse import Warehouse

    removed = Warehouse.open(locate_warehouse(warehouse, writing=True)).remove(dataset, vintage)
    say(nmsg("{n} delivery removed", "{n} deliveries removed", len(removed)), ui_lang)
