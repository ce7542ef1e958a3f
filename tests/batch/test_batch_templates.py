"""The parameters a template declares, and whether those of a plan fit."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from small_projects import template

from evalkit.errors import TemplateError
from evalkit.notebook.templates import Template, find_template

PARAMETERS = 'since: int = 2012\nrate = 0.5\nnote = ""\nfamilies = ["a"]\nshown = True\nanything = None'


def _write(folder: Path, notebook: nbformat.NotebookNode) -> Template:
    file = folder / "tiny.ipynb"
    nbformat.write(notebook, file)
    return Template("tiny", file)


@pytest.fixture
def tiny(tmp_path: Path) -> Template:
    return _write(tmp_path, template(parameters=PARAMETERS))


def test_parameters_in_order(tiny: Template) -> None:
    assert tiny.parameters == {
        "plan": "", "territory": "", "language": "fr",
        "since": 2012, "rate": 0.5, "note": "", "families": ["a"], "shown": True, "anything": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"since": 2013, "rate": 0.1, "note": "01004", "families": [], "shown": False},
        {"rate": 1},
        {"anything": "x"},
        {"anything": 3},
        {"anything": [1]},
    ],
)
def test_values_that_fit(tiny: Template, given: dict[str, object]) -> None:
    assert tiny.check(given) == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"sinse": 2012}, "EVK-TPL-005"),
        ({"territory": "01004"}, "EVK-TPL-005"),
        ({"plan": "x"}, "EVK-TPL-005"),
        ({"since": "2012"}, "EVK-TPL-006"),
        ({"since": 2012.0}, "EVK-TPL-006"),
        ({"since": True}, "EVK-TPL-006"),
        ({"shown": 1}, "EVK-TPL-006"),
        ({"rate": True}, "EVK-TPL-006"),
        ({"note": 1004}, "EVK-TPL-006"),
        ({"families": "a"}, "EVK-TPL-006"),
        ({"anything": {"a": 1}}, "EVK-TPL-006"),
    ],
)
def test_values_that_do_not(tiny: Template, given: dict[str, object], code: str) -> None:
    problems = tiny.check(given)
    assert [problem.code.id for problem in problems] == [code]
    assert problems[0].values["name"] == next(iter(given))
    assert problems[0].file is None, "the plan's"
    assert next(iter(given)) in problems[0].render("en")


def test_nearest_name_is_told(tiny: Template) -> None:
    assert "since" in tiny.check({"sinse": 1})[0].message("en")


def test_every_problem_at_once(tiny: Template) -> None:
    assert [p.code.id for p in tiny.check({"since": "x", "zzz": 1})] == ["EVK-TPL-006", "EVK-TPL-005"]


def test_unknown_template(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"EVK-TPL-007.*territory_portrait"):
        find_template("teritory_portrait", tmp_path / "evaluation.yaml")
