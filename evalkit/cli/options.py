"""The options that several commands share, and what they open."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The evaluation plan (YAML).")]
WarehouseOption = Annotated[
    str | None,
    typer.Option(
        "--warehouse",
        metavar="DIR",
        help="Where the data is, a folder or s3://...; by default the plan's, else data/warehouse.",
    ),
]
Workers = Annotated[
    int | None, typer.Option("--workers", min=1, max=256, help="How many tasks run at once (one a core).")
]


Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Use the workers of this Dask scheduler, for instance tcp://10.0.0.5:8786.",
    ),
]
Retries = Annotated[
    int,
    typer.Option(
        "--retries", min=0, max=10, help="How often a report is tried again when its kernel or worker was lost."
    ),
]
RetryTimeouts = Annotated[
    bool, typer.Option("--retry-timeouts", help="Try a report again that ran out of time too, as often as --retries.")
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="RUN", help="Each report says what changed since this earlier run of the evaluation."
    ),
]


class KernelChoice(enum.StrEnum):
    """Where the process that computes a report comes from."""

    WARM = "warm"
    FRESH = "fresh"


KernelOption = Annotated[
    KernelChoice,
    typer.Option("--kernel", help="warm: forked from a process that has all libraries loaded; fresh: started anew."),
]
MemoryLimit = Annotated[
    str | None,
    typer.Option("--memory-limit", metavar="SIZE", help="Stop a report that takes more memory, for instance 2GB."),
]


def memory_bytes(size: str | None) -> int | None:
    """Return the bytes of `--memory-limit`; raises `UsageError` for what is no size, or too small for any report."""
    if size is None:
        return None
    from evalkit.batch.codes import BAD_SIZE
    from evalkit.batch.memory import SMALLEST, parse_size
    from evalkit.errors import UsageError

    try:
        found = parse_size(size)
    except ValueError:
        found = 0
    if found < SMALLEST:
        raise UsageError.of(BAD_SIZE, value=size, least=str(SMALLEST // 1_000_000))
    return found


def open_warehouse(given: Path | str | None, plan: Path | None, *, must_exist: bool = True) -> Warehouse | None:
    """Open the warehouse of a plan; None when there is none and it need not exist."""
    from evalkit.data.location import locate_warehouse
    from evalkit.data.warehouse import Warehouse
    from evalkit.errors import DataError, PlanError
    from evalkit.plan import load_plan

    planned = None
    if given is None and plan is not None:
        try:
            planned = load_plan(plan).warehouse
        except PlanError:
            if must_exist:
                raise
    try:
        return Warehouse.open(locate_warehouse(given, planned))
    except DataError:
        if must_exist or given is not None:
            raise
        return None
