"""Templates: where they are, what parameters they declare, and whether given parameters fit."""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalkit.errors import Problem, TemplateError
from evalkit.model.texts import LocalText
from evalkit.notebook import codes
from evalkit.notebook.metadata import TemplateMetadata, read_metadata

if TYPE_CHECKING:
    from nbformat import NotebookNode

IDENTITY_PARAMETERS = ("plan", "territory", "language")
_SHIPPED = (Path(__file__).parent / "shipped", Path(__file__).parents[2] / "notebooks" / "templates")


@dataclass(frozen=True)
class Template:
    """A notebook template: its name, its file, its parameters with their defaults (read from the cell tagged `parameters`)."""

    name: str
    file: Path

    @cached_property
    def content(self) -> bytes:
        """Return the bytes of the notebook."""
        return self.file.read_bytes()

    @cached_property
    def sha256(self) -> str:
        """Return the hash of the notebook's bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def notebook(self) -> NotebookNode:
        """Return the notebook; raises `TemplateError` when the file is not one."""
        import nbformat

        try:
            notebook: NotebookNode = nbformat.reads(self.content.decode(), as_version=4)
        except (ValueError, nbformat.ValidationError, AssertionError, AttributeError, KeyError, TypeError) as error:
            # what is JSON and not the form of a notebook, nbformat meets somewhere on its way
            reason = (str(error).splitlines() or [type(error).__name__])[0][:120]
            raise TemplateError.of(codes.NOT_A_NOTEBOOK, file=str(self.file), reason=reason) from error
        return notebook

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """Return the cells and the metadata of the notebook; what is not plainly sound is left to `nbformat`, whose import takes a second."""
        try:
            found = json.loads(self.content.decode())
        except ValueError:
            return self.notebook
        return _joined(found) if _is_sound(found) else self.notebook

    @cached_property
    def metadata(self) -> TemplateMetadata:
        """Return what the notebook's metadata say under `evalkit`; raises `TemplateError` with every problem, its file and its place."""
        found, problems = read_metadata(self.body["metadata"], str(self.file))
        if problems:
            raise TemplateError(problems)
        return found

    @property
    def title(self) -> LocalText:
        """Return the title of the template, from the notebook's metadata (`evalkit.title`), else its name."""
        given = self.metadata.title
        return LocalText(fr=given.fr or self.name, en=given.en or self.name)

    @property
    def asks_for_stages(self) -> bool:
        """Say whether its notebooks ask for what is computed for all territories; not where `evalkit.stages` in the metadata is false.

        One that asks all the same gets it: computed in its own kernel.
        """
        return self.metadata.stages

    def problems(self, given: Mapping[str, Any]) -> list[Problem]:
        """Return what is wrong with the notebook itself, which names its file, and with the parameters that a plan gives, which names none."""
        try:
            found = read_metadata(self.body["metadata"], str(self.file))[1]
        except TemplateError as refused:
            return list(refused.problems)
        try:
            return found + self.check(given)
        except TemplateError as refused:
            return [*found, *refused.problems]

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """Return the declared parameters and their defaults, in order."""
        cells = [cell for cell in self.body["cells"] if "parameters" in cell["metadata"].get("tags", [])]
        if len(cells) != 1:
            raise TemplateError.of(codes.NO_PARAMETERS_CELL, file=str(self.file), found=len(cells))
        found: dict[str, Any] = {}
        for node in self._statements(cells[0]["source"]):
            target = (
                node.targets[0]
                if isinstance(node, ast.Assign)
                else node.target
                if isinstance(node, ast.AnnAssign)
                else None
            )
            value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
            if not isinstance(target, ast.Name) or value is None:
                raise TemplateError.of(codes.BAD_PARAMETER_LINE, file=str(self.file), text=ast.unparse(node)[:80])
            try:
                found[target.id] = ast.literal_eval(value)
            except ValueError as error:
                raise TemplateError.of(
                    codes.BAD_PARAMETER_LINE, file=str(self.file), text=ast.unparse(node)[:80]
                ) from error
        missing = [name for name in IDENTITY_PARAMETERS if name not in found]
        if missing:
            raise TemplateError.of(codes.MISSING_PARAMETERS, file=str(self.file), names=missing)
        return found

    def _statements(self, source: str) -> list[ast.stmt]:
        try:
            return ast.parse(source).body
        except (SyntaxError, ValueError) as error:
            line = (getattr(error, "text", None) or source).strip()
            raise TemplateError.of(codes.BAD_PARAMETER_LINE, file=str(self.file), text=line[:80]) from error

    def check(self, given: Mapping[str, Any]) -> list[Problem]:
        """Return what is wrong with the parameters a plan gives: unknown names, reserved names, other types than the default's."""
        problems: list[Problem] = []
        own = {name: value for name, value in self.parameters.items() if name not in IDENTITY_PARAMETERS}
        for name, value in sorted(given.items()):
            if name not in own:
                near = difflib.get_close_matches(name, own, n=1)
                known = near or sorted(own)
                values = {"name": name, "template": self.name, "known": known}
                problems.append(Problem(codes.UNKNOWN_PARAMETER, values))
            elif not _fits(value, own[name]):
                values = {
                    "name": name,
                    "template": self.name,
                    "wanted": type(own[name]).__name__,
                    "found": type(value).__name__,
                }
                problems.append(Problem(codes.WRONG_PARAMETER_TYPE, values))
        return problems


def _fits(value: object, default: object) -> bool:
    if default is None:
        return value is None or isinstance(value, (str, int, float, bool, list))
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, float):
        return isinstance(value, (int, float))
    return isinstance(value, type(default))


def _is_sound(found: Any) -> bool:
    """Say whether this is a notebook of the format of today, with nothing in its cells that needs a conversion or a warning."""
    if not isinstance(found, dict) or found.get("nbformat") != 4 or not isinstance(found.get("nbformat_minor"), int):
        return False
    cells = found.get("cells")
    named = found["nbformat_minor"] < 5 or (isinstance(cells, list) and _have_names(cells))
    return isinstance(found.get("metadata"), dict) and isinstance(cells, list) and named and all(map(_is_cell, cells))


def _have_names(cells: list[Any]) -> bool:
    """Say whether each cell has an identifier of its own."""
    names = [cell.get("id") for cell in cells if isinstance(cell, dict)]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(cells)


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    metadata, source = cell.get("metadata"), cell.get("source")
    tags = metadata.get("tags", []) if isinstance(metadata, dict) else None
    return all(
        isinstance(lines, list) and all(isinstance(line, str) for line in lines) for lines in (tags, _lines(source))
    )


def _lines(source: Any) -> Any:
    return [source] if isinstance(source, str) else source


def _joined(found: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook with the lines of each cell put together."""
    cells = [{**cell, "source": "".join(_lines(cell["source"]))} for cell in found["cells"]]
    return {"cells": cells, "metadata": found["metadata"]}


def template_folders(plan_file: Path | None = None) -> list[Path]:
    """Return where templates are looked for: beside the plan (`templates/`, `notebooks/templates/`), then the shipped ones."""
    own = [] if plan_file is None else [plan_file.parent / "templates", plan_file.parent / "notebooks" / "templates"]
    return [folder for folder in (*own, *_SHIPPED) if folder.is_dir()]


def list_templates(plan_file: Path | None = None) -> dict[str, Template]:
    """Return the templates that a plan can name; one beside the plan wins over a shipped one of the same name."""
    found: dict[str, Template] = {}
    for folder in template_folders(plan_file):
        for file in sorted(folder.glob("*.ipynb")):
            found.setdefault(file.stem, Template(file.stem, file))
    return dict(sorted(found.items()))


def find_template(name: str, plan_file: Path | None = None) -> Template:
    """Return a template by name; raises `TemplateError` with the nearest name."""
    known = list_templates(plan_file)
    if name not in known:
        raise TemplateError.of(
            codes.UNKNOWN_TEMPLATE, name=name, known=difflib.get_close_matches(name, known, n=1) or list(known)
        )
    return known[name]
