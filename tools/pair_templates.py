"""Write each template notebook again from its py:percent text, or check that they say the same (--check)."""

from __future__ import annotations

import sys
from pathlib import Path

import jupytext
import nbformat

TEMPLATES = Path(__file__).resolve().parents[1] / "notebooks" / "templates"


def notebook_text(source: Path) -> str:
    """Return the notebook of a py:percent text: stable cell ids, no outputs."""
    notebook = jupytext.read(source, fmt="py:percent")
    notebook.metadata.pop("jupytext", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, 1):
        cell["id"] = f"cell-{number:02d}"
        cell.setdefault("metadata", {})
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def main() -> int:
    """Write or check; return how many notebooks differ from their text."""
    check, different = "--check" in sys.argv, 0
    for source in sorted(TEMPLATES.glob("*.py")):
        target, text = source.with_suffix(".ipynb"), notebook_text(source)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            different += 1
            if not check:
                target.write_text(text, encoding="utf-8")
    return different if check else 0


if __name__ == "__main__":
    sys.exit(main())
