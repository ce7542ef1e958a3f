"""The shipped templates read as documents: short cells over the facade, French and English side by side, nothing stored."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from template_samples import NAMES, TEMPLATES, code_cells, notebook, tags

from evalkit.notebook.templates import IDENTITY_PARAMETERS, find_template

TOOL = Path(__file__).resolve().parents[2] / "tools" / "pair_templates.py"
LINES = 8


def test_the_three_templates_are_there() -> None:
    assert {"anru_outcomes", "ess_programme", "territory_portrait"} <= set(NAMES)


def test_each_notebook_says_what_its_text_says() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, "run tools/pair_templates.py"
    assert {path.stem for path in TEMPLATES.glob("*.py")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
class TestEach:
    def test_nothing_is_stored(self, name: str) -> None:
        for cell in code_cells(name):
            assert cell.outputs == []
            assert cell.execution_count is None
        assert "widgets" not in notebook(name).metadata

    def test_cells_have_stable_ids(self, name: str) -> None:
        ids = [cell.id for cell in notebook(name).cells]
        assert ids == [f"cell-{number:02d}" for number in range(1, len(ids) + 1)]

    def test_one_cell_of_parameters_comes_first(self, name: str) -> None:
        [cell] = [cell for cell in notebook(name).cells if "parameters" in tags(cell)]
        assert cell is code_cells(name)[0]
        template = find_template(name)
        assert tuple(template.parameters)[:3] == IDENTITY_PARAMETERS
        assert all(isinstance(template.parameters[key], str) for key in IDENTITY_PARAMETERS)

    def test_it_has_a_title_in_both_languages(self, name: str) -> None:
        title = find_template(name).title
        assert title.fr not in ("", name)
        assert title.en not in ("", name)
        assert notebook(name).cells[0].source.startswith("# ")

    def test_a_french_text_has_its_english_right_after(self, name: str) -> None:
        cells = notebook(name).cells
        for cell, following in zip(cells, [*cells[1:], None], strict=True):
            if "fr" in tags(cell):
                assert cell.cell_type == "markdown"
                assert following is not None
                assert "en" in tags(following)
                assert _headings(cell.source) == _headings(following.source)
        assert sum("fr" in tags(cell) for cell in cells) == sum("en" in tags(cell) for cell in cells) > 0
        assert not any({"fr", "en"} <= set(tags(cell)) for cell in cells)

    def test_text_without_a_language_is_for_the_analyst_and_says_it_in_both(self, name: str) -> None:
        for cell in notebook(name).cells:
            if cell.cell_type == "markdown" and not tags(cell):
                assert re.search(r"\b(le|la|les|des|est)\b", cell.source), cell.source
                assert re.search(r"\b(the|is|of|has)\b", cell.source), cell.source

    def test_no_path_of_a_machine(self, name: str) -> None:
        for path in (TEMPLATES / f"{name}.ipynb", TEMPLATES / f"{name}.py"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(?<![\w.:/])/(home|root|tmp|work|usr|Users|mnt|var)\b|[A-Z]:\\\\", text)

    def test_only_the_facade_is_imported(self, name: str) -> None:
        imported = set()
        for cell in code_cells(name):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    imported |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add(node.module or "")
        assert imported == {"evalkit.notebook"}

    def test_no_side_door(self, name: str) -> None:
        """No SQL, no HTML, no colour, no reading of files, nothing private: a template asks the facade."""
        for cell in code_cells(name):
            assert not re.search(r"(?i)select |<\w+|#[0-9a-f]{6}\b", cell.source)
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Attribute):
                    assert not node.attr.startswith("_"), node.attr
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    assert node.func.id not in {"open", "eval", "exec", "print", "__import__"}

    def test_cells_are_short(self, name: str) -> None:
        for cell in code_cells(name):
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert len(lines) <= LINES, cell.source

    def test_every_figure_has_its_text(self, name: str) -> None:
        calls = [
            node
            for cell in code_cells(name)
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ev.figure"
        ]
        assert calls
        for call in calls:
            [alt] = [keyword.value for keyword in call.keywords if keyword.arg == "alt"]
            assert ast.unparse(alt).replace("ev.alt.", "ev.charts.") == ast.unparse(call.args[0])

    def test_the_end_is_the_end(self, name: str) -> None:
        last = notebook(name).cells[-1]
        assert (last.cell_type, last.source.strip()) == ("code", "ev.conclude()")
        assert sum("ev.conclude" in cell.source for cell in code_cells(name)) == 1


def _headings(text: str) -> list[int]:
    return [len(mark) for mark in re.findall(r"^(#+) ", text, flags=re.MULTILINE)]
