"""The demo as a project of its own: a folder with its plan, its warehouse and, aside, the truth."""

from __future__ import annotations

from pathlib import Path

from evalkit.data.demo.building import build_demo
from evalkit.data.demo.planning import demo_plan
from evalkit.data.warehouse import Warehouse


def prepare_demo(folder: Path, *, universe: int = 737, territories: int = 12) -> tuple[Path, Warehouse]:
    """Make the project of the demo and return its plan and its warehouse; what is there already stays as it is."""
    warehouse = Warehouse.open(folder / "warehouse", create=True)
    build_demo(warehouse, folder / "truth", universe=universe, reported=max(territories, 12))
    return demo_plan(folder, territories, warehouse="warehouse"), warehouse
