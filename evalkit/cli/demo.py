"""`evalkit demo`: the embedded example, executed for real on synthetic data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evalkit.cli.options import KernelChoice, KernelOption, MemoryLimit, Workers, memory_bytes
from evalkit.cli.progress import Progress
from evalkit.cli.running import finish
from evalkit.cli.speaking import UiLang, say
from evalkit.text import msg


def demo(
    ui_lang: UiLang,
    territories: Annotated[
        int, typer.Option("--territories", min=1, max=497, help="How many territories get reports.")
    ] = 12,
    universe: Annotated[int, typer.Option("--universe", min=12, max=35_000, help="How many territories exist.")] = 737,
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="Run folder.")] = Path("runs/demo"),
    workers: Workers = None,
    force: Annotated[bool, typer.Option("--force", help="Run again what is already published.")] = False,
    kernel: KernelOption = KernelChoice.WARM,
    memory_limit: MemoryLimit = None,
) -> None:
    """Run the embedded example: fictitious data with a known truth, real execution, reports and a portfolio.

    Example: evalkit demo --territories 4 --out runs/essai
    """
    from evalkit.batch import RunOptions, run_plan
    from evalkit.data.demo import prepare_demo

    options = RunOptions(
        out=out, workers=workers, force=force, kernel=kernel.value, memory_limit=memory_bytes(memory_limit)
    )
    project = out.with_name(f"{out.name}-project") if out.is_absolute() else Path("data") / out.name
    plan, warehouse = prepare_demo(project, universe=universe, territories=territories)
    say(msg("Fictitious data ready: {n} territories in {folder}", n=str(universe), folder=str(project)), ui_lang)
    with Progress(ui_lang) as progress:
        result = run_plan(plan, warehouse, options, progress)
    finish(result, ui_lang)
