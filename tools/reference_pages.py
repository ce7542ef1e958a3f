"""Write the generated reference pages of `docs/reference/`, or check that they are current (--check)."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import evalkit
from evalkit.catalogue.reference import PAGES as INDICATOR_PAGES
from evalkit.catalogue.reference import indicator_reference
from evalkit.cli.app import app
from evalkit.data.reference import page as dataset_reference
from evalkit.errors import CODES, Code
from evalkit.text import translate
from evalkit.verify import verification_table
from evalkit.verify.showing import page as verification_page

sys.path.insert(
    0, str(Path(__file__).resolve().parent)
)  # its neighbours, also for a test that loads this file by its path
from page_text import prose as _prose
from simulations.page import page as simulations_page
from statistics_page import TABLE, statistics_page

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
REFERENCE = Path(os.environ.get("EVALKIT_SHARED", ROOT.parent / "shared")) / "reference"
MARK = "Written by `make docs`; do not edit by hand."
AREAS = {
    "PLAN": "The evaluation plan",
    "CAT": "The indicator catalogue",
    "DATA": "Data files and the warehouse",
    "STAT": "Statistics",
    "TPL": "Templates and the facade they use",
    "RUN": "Runs, tasks and reports",
    "USE": "Use of the commands",
}
_CLI_HEAD = """Every command takes `--help`. Exit codes: 0 all well (territories that a template refuses are listed, they are not failures);
1 some task failed, the rest is complete and published; 2 the plan, the data or the usage is refused; 130 interrupted."""
_ERRORS_HEAD = """A problem prints as `file:line: CODE message: way out @ $.path`, in French or in English (`--ui-lang`, else the locale).
All problems of a file are printed at once. A *warning* is shown and the command goes on; an *error* refuses. Words between braces stand
for the values of the case."""


def load_codes() -> dict[str, Code]:
    """Return every problem code of the project: each room declares its own in modules named `codes...`."""
    for module in pkgutil.walk_packages(evalkit.__path__, "evalkit."):
        if module.name.rpartition(".")[2].startswith("codes"):
            importlib.import_module(module.name)
    return {name: CODES[name] for name in sorted(CODES) if name.split("-")[1] in AREAS}


def commands(command: Any = None, words: tuple[str, ...] = ("evalkit",)) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command with its words, in the order of the help text; groups are left out."""
    here = typer.main.get_command(app) if command is None else command
    inner: dict[str, Any] | None = getattr(here, "commands", None)
    if inner is None:
        yield words, here
        return
    for name, found in inner.items():
        yield from commands(found, (*words, name))


def cli_page() -> str:
    """Return the page of commands."""
    parts = ["# Commands", MARK, _CLI_HEAD]
    found = list(commands())
    parts.append("\n".join(f"- [`{' '.join(words)}`](#{'-'.join(words)})" for words, _ in found))
    return "\n\n".join([*parts, *(_command(words, command) for words, command in found)]) + "\n"


def _command(words: tuple[str, ...], command: Any) -> str:
    text, _, example = str(command.help).partition("Example: ")
    parameters = [item for item in command.params if item.name != "help"]
    arguments = [item for item in parameters if not item.opts[0].startswith("-")]
    options = [item for item in parameters if item.opts[0].startswith("-")]
    usage = " ".join([*words, *(item.metavar for item in arguments), *(["[OPTIONS]"] if options else [])])
    lines = [f"## {' '.join(words)}", "", text.strip(), "", "```", usage, "```", ""]
    lines += ["| argument or option | meaning | default |", "|---|---|---|"]
    lines += [_parameter(item) for item in (*arguments, *options)]
    return "\n".join([*lines, "", f"Example: `{example.strip()}`"])


def _parameter(item: Any) -> str:
    name = ", ".join(item.opts) if item.opts[0].startswith("-") else item.metavar
    value = "" if not item.opts[0].startswith("-") or item.is_flag else f" {_cell(item.metavar or _kind(item))}"
    return f"| `{name}{value}`{' (repeat)' if _repeats(item) else ''} | {_cell(item.help)} | {_default(item)} |"


def _kind(item: Any) -> str:
    annotation = item.type_descriptor.annotation
    return "TEXT" if annotation in (str, list[str]) else "NUMBER"


def _repeats(item: Any) -> bool:
    return bool(item.multiple) and item.opts[0].startswith("-")


def _default(item: Any) -> str:
    if item.required:
        return "required"
    if isinstance(item.show_default, str):
        return item.show_default
    return "" if item.default is None or item.default is False else f"`{item.default}`"


def _cell(text: object) -> str:
    return str(text or "").replace("|", "\\|").replace(" (repeat)", "")


def errors_page() -> str:
    """Return the page of problem codes, in English and in French."""
    codes = load_codes()
    parts = ["# Problem codes", MARK, _ERRORS_HEAD]
    for area, title in AREAS.items():
        own = [code for name, code in codes.items() if name.split("-")[1] == area]
        if own:
            parts += [f"## {title}", *(_code(code) for code in own)]
    return "\n\n".join(parts) + "\n"


def _code(code: Code) -> str:
    lines = [f"### {code.id}", "", f"{code.severity.capitalize()}.", ""]
    for lang, label in (("en", "English"), ("fr", "Français")):
        said = [translate(text, lang) for text in (code.message, code.way_out) if text]
        lines.append(f"- {label}: {' → '.join(map(_prose, said))}")
    return "\n".join(lines)


def pages() -> dict[str, str]:
    """Return every generated page: file name to text."""
    return {
        "cli.md": cli_page(),
        "datasets.md": dataset_reference(),
        "errors.md": errors_page(),
        "simulations.md": simulations_page(json.loads(TABLE.read_text(encoding="utf-8"))),
        "statistics.md": statistics_page(),
        **{name: indicator_reference(lang) for lang, name in INDICATOR_PAGES.items()},
    }


def computed_pages() -> dict[str, str]:
    """Return the page of published results, which takes half a minute, where the reference data is there."""
    return {"verification.md": verification_page(verification_table(REFERENCE))} if REFERENCE.is_dir() else {}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are not current and return how many."""
    stale = 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in (pages() | computed_pages()).items():
        file = FOLDER / name
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        sys.stdout.write(f"docs/reference/{name}\n")
        if "--check" not in arguments:
            file.write_text(text, encoding="utf-8")
    return stale if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
