"""The evaluation plan of the demo, written into a project folder."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

PLAN_FILE = "evaluation.yaml"
_LIMIT = "  limit: 12\n"
_WAREHOUSE = "  # warehouse: donnees\n"


def demo_plan(folder: Path, territories: int = 12, *, warehouse: str | None = None) -> Path:
    """Write the plan of the demo into a folder and return its path; an existing plan is replaced.

    Args:
        folder: the project folder, made when it does not exist.
        territories: how many of the reported districts the plan evaluates, at least 1.
        warehouse: where the plan says that its data lie, relative to the folder; None leaves the usual place.
    """
    text = resources.files("evalkit.data.demo").joinpath(PLAN_FILE).read_text(encoding="utf-8")
    text = text.replace(_LIMIT, f"  limit: {max(territories, 1)}\n")
    if warehouse is not None:
        text = text.replace(_WAREHOUSE, f"  warehouse: {_quoted(warehouse)}\n")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PLAN_FILE
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _quoted(text: str) -> str:
    """Return a text as YAML between single quotes."""
    return "'" + text.replace("'", "''") + "'"
