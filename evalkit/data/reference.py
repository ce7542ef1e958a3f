"""The reference page of the data sets: `python -m evalkit.data.reference` writes it to `docs/reference/datasets.md`."""

from __future__ import annotations

import sys
from pathlib import Path

from evalkit.data.registry import Dataset, FileSpec, refused_files, registry

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "datasets.md"
_INTRODUCTION = """# Data sets

Written by `python -m evalkit.data.reference` out of `evalkit/data/datasets/*.yaml`; do not edit by hand.

Add a file with `evalkit data add FILE... --as DATASET`. Where two data sets hold the same value, the one with the lower
priority number is read, unless the plan gives its own order.
"""


def page() -> str:
    """Return the page in Markdown."""
    sets = [item for item in registry().values() if not item.synthetic]
    summary = ["| data set | title | producer | priority |", "|---|---|---|---|"]
    summary += [f"| [{item.id}](#{item.id}) | {item.title.en} | {item.producer} | {item.priority} |" for item in sets]
    parts = [_INTRODUCTION, "\n".join(summary), *(_section(item) for item in sets), _refused()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _section(item: Dataset) -> str:
    facts = [
        ("producer", item.producer),
        ("source line", f"{item.publisher_label.fr} / {item.publisher_label.en}"),
        ("licence", item.licence),
        ("attribution", item.attribution),
        ("page", f"<{item.landing_page}>"),
        ("geography", item.geography),
        ("disclosure rule", item.disclosure),
    ]
    lines = [f"## {item.id}", "", f"{item.title.en} ({item.title.fr})", ""]
    lines += [f"- {name}: {text}" for name, text in facts]
    if item.reference_lists:
        lines.append("- official list of: " + ", ".join(f"{level} {year}" for level, year in item.reference_lists))
    lines += ["", "| file | kind | what | columns that recognise it |", "|---|---|---|---|"]
    lines += [_file(spec) for spec in item.files]
    if item.breaks:
        lines += ["", "Breaks in the series:", "", *(f"- {found.period}: {found.reason.en}" for found in item.breaks)]
    if item.caveats:
        lines += ["", "Know before use:", "", *(f"- {text.en}" for text in item.caveats)]
    return "\n".join(lines)


def _file(spec: FileSpec) -> str:
    columns = ", ".join(f"`{name.removeprefix('~')}`" for name in spec.columns) or "(none: by its name)"
    return f"| `{spec.name}` | {spec.kind} | {spec.help.en} | {columns} |"


def _refused() -> str:
    lines = ["## Files that are not imported", ""]
    lines += [f"- `{item.files[0].name}`, {item.title.en}: {item.refused.en}" for item in refused_files()]
    return "\n".join(lines)


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
