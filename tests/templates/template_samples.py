"""The shipped templates, and copies of them that open the demo instead of a plan that is not there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

TEMPLATES = Path(__file__).resolve().parents[2] / "notebooks" / "templates"
NAMES = tuple(sorted(path.stem for path in TEMPLATES.glob("*.ipynb")))


@cache
def notebook(name: str) -> NotebookNode:
    found: NotebookNode = nbformat.read(TEMPLATES / f"{name}.ipynb", as_version=4)
    return found


def tags(cell: NotebookNode) -> list[str]:
    return list(cell.metadata.get("tags", []))


def code_cells(name: str) -> list[NotebookNode]:
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


def copied(name: str, folder: Path, parameters: dict[str, str]) -> Path:
    """Write a copy of a template with other defaults in its cell of parameters."""
    copy = nbformat.from_dict(notebook(name))
    for cell in copy.cells:
        if "parameters" in tags(cell):
            for key, value in parameters.items():
                cell.source, n = re.subn(rf"^{key} = .*$", f"{key} = {value!r}", cell.source, flags=re.MULTILINE)
                assert n == 1, key
    path = folder / f"{name}.ipynb"
    nbformat.write(copy, path)
    return path
