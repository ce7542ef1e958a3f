"""What a template says of itself under `evalkit` in the metadata of its notebook is checked before anything is executed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "e2e"))

from small_projects import Project, hostile_warehouse, template

from evalkit.cli.app import app
from evalkit.errors import EvalkitError, TemplateError
from evalkit.notebook.metadata import TemplateMetadata, read_metadata
from evalkit.notebook.templates import Template, list_templates

NBSP = "\u00a0"


def _template(folder: Path, content: Any) -> Template:
    file = folder / "portrait.ipynb"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return Template("portrait", file)


def _saying(folder: Path, said: Any) -> Template:
    notebook = template()
    notebook.metadata["evalkit"] = said
    return _template(folder, notebook)


@pytest.mark.parametrize(
    ("said", "title", "stages"),
    [
        ({}, ("portrait", "portrait"), True),
        ({"title": {}}, ("portrait", "portrait"), True),
        ({"title": {"fr": "Portrait social"}}, ("Portrait social", "portrait"), True),
        (
            {"title": {"fr": "Le portrait", "en": "The portrait"}, "stages": False},
            ("Le portrait", "The portrait"),
            False,
        ),
        ({"stages": True}, ("portrait", "portrait"), True),
    ],
)
def test_what_is_documented_is_read(tmp_path: Path, said: Any, title: tuple[str, str], stages: bool) -> None:
    found = _saying(tmp_path, said)
    assert found.problems({}) == []
    assert (found.title.fr, found.title.en) == title
    assert found.asks_for_stages is stages


def test_nothing_has_to_be_said(tmp_path: Path) -> None:
    assert read_metadata({}, "x") == (TemplateMetadata(), [])
    found = _template(tmp_path, template())
    assert found.problems({}) == []
    assert found.title.render("en") == "portrait"
    assert found.asks_for_stages


def test_the_shipped_templates_are_in_order() -> None:
    assert {name: found.problems({}) for name, found in list_templates().items() if found.problems({})} == {}


REFUSED: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (["x"], ("EVK-TPL-020 @ $.metadata.evalkit",)),
    (None, ("EVK-TPL-020 @ $.metadata.evalkit",)),
    ("Portrait", ("EVK-TPL-020 @ $.metadata.evalkit",)),
    ({"title": "Portrait"}, ("EVK-TPL-020 @ $.metadata.evalkit.title",)),
    ({"title": None}, ("EVK-TPL-020 @ $.metadata.evalkit.title",)),
    ({"title": ["Portrait"]}, ("EVK-TPL-020 @ $.metadata.evalkit.title",)),
    ({"title": {"fr": 3}}, ("EVK-TPL-020 @ $.metadata.evalkit.title.fr",)),
    ({"title": {"fr": "a", "en": {"b": "c"}}}, ("EVK-TPL-020 @ $.metadata.evalkit.title.en",)),
    ({"title": {"fr": "a", "de": "b"}}, ("EVK-TPL-021 @ $.metadata.evalkit.title.de",)),
    ({"title": {"fr": " "}}, ("EVK-TPL-022 @ $.metadata.evalkit.title.fr",)),
    ({"stages": "no"}, ("EVK-TPL-020 @ $.metadata.evalkit.stages",)),
    ({"stages": 0}, ("EVK-TPL-020 @ $.metadata.evalkit.stages",)),
    ({"stages": None}, ("EVK-TPL-020 @ $.metadata.evalkit.stages",)),
    ({"titel": {}}, ("EVK-TPL-021 @ $.metadata.evalkit.titel",)),
    (
        {"titel": {}, "stages": [], "title": {"en": ""}},
        (
            "EVK-TPL-021 @ $.metadata.evalkit.titel",
            "EVK-TPL-020 @ $.metadata.evalkit.stages",
            "EVK-TPL-022 @ $.metadata.evalkit.title.en",
        ),
    ),
)


@pytest.mark.parametrize(("said", "wanted"), REFUSED)
def test_what_is_not_is_refused_all_at_once(tmp_path: Path, said: Any, wanted: tuple[str, ...]) -> None:
    found = _saying(tmp_path, said)
    problems = found.problems({})
    assert tuple(f"{problem.code.id} @ {problem.path}" for problem in problems) == wanted
    assert {problem.file for problem in problems} == {str(found.file)}
    for ask in ("title", "asks_for_stages", "metadata"):
        with pytest.raises(TemplateError) as refused:
            getattr(found, ask)
        assert list(refused.value.problems) == problems


def test_the_refusals_say_what_to_write(tmp_path: Path) -> None:
    found = _saying(tmp_path, {"title": "Portrait", "stages": 1, "stage": True})
    said = {lang: [p.render(lang).removeprefix(f"{found.file}: ") for p in found.problems({})] for lang in ("en", "fr")}
    assert said["en"] == [
        "EVK-TPL-021 unknown key 'stage', did you mean 'stages'? @ $.metadata.evalkit.stage",
        'EVK-TPL-020 a number stands where true or false is expected: write "stages": false @ $.metadata.evalkit.stages',
        (
            'EVK-TPL-020 a text stands where a group of keys is expected: write "title": {"fr": "…", "en": "…"}'
            " @ $.metadata.evalkit.title"
        ),
    ]
    assert [line.replace(NBSP, "_") for line in said["fr"]] == [
        "EVK-TPL-021 clé inconnue «_stage_», vouliez-vous dire «_stages_»_? @ $.metadata.evalkit.stage",
        'EVK-TPL-020 trouvé_: un nombre_; attendu_: true ou false_: écrivez "stages": false @ $.metadata.evalkit.stages',
        (
            'EVK-TPL-020 trouvé_: un texte_; attendu_: un groupe de clés_: écrivez "title": {"fr": "…", "en": "…"}'
            " @ $.metadata.evalkit.title"
        ),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "no notebook",
        "[]",
        {"nbformat": 4, "nbformat_minor": 5, "metadata": [], "cells": []},
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3},
        {"nbformat": 4, "nbformat_minor": None, "metadata": {}, "cells": []},
        {"nbformat": 5, "nbformat_minor": 0, "metadata": {}, "cells": []},
    ],
)
def test_what_is_no_notebook_is_a_problem_too(tmp_path: Path, content: Any) -> None:
    assert [problem.code.id for problem in _template(tmp_path, content).problems({})] == ["EVK-TPL-001"]


@pytest.mark.parametrize("line", ["year = ", "%matplotlib inline", "a = 1\0"])
def test_a_parameters_cell_that_is_not_python_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(TemplateError, match="EVK-TPL-003") as refused:
        _ = _template(tmp_path, template(parameters=line)).parameters
    assert line.split()[0] in refused.value.render("en")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("metadata"))


@pytest.fixture
def project(warehouse: Path, tmp_path: Path) -> Project:
    """A plan that names a template whose title is no mapping, beside one that it does not name."""
    wrong, unused = template(), template()
    wrong.metadata["evalkit"] = {"title": "Portrait"}
    unused.metadata["evalkit"] = ["x"]
    made = Project(tmp_path, warehouse).write({"unused": unused})
    return made.write({"tiny": wrong, "other": template()})


@pytest.mark.parametrize("command", [("check",), ("plan",), ("plan", "--explain"), ("run", "--workers", "1")])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_command_refuses_it_before_a_task_runs(project: Project, command: tuple[str, ...], lang: str) -> None:
    name, *options = command
    options += [] if name == "check" else ["--out", str(project.out)]
    done = CliRunner().invoke(app, [name, str(project.plan), *options, "--ui-lang", lang])
    refused = done.exception if isinstance(done.exception, EvalkitError) else None
    said = done.output if refused is None else refused.render(lang)
    code = done.exit_code if refused is None else refused.exit_code
    assert code == 2
    [line] = [line for line in said.splitlines() if "EVK-TPL" in line]
    wanted = "a text stands where" if lang == "en" else f"trouvé{NBSP}: un texte"
    assert line.startswith(f"{project.folder / 'templates' / 'tiny.ipynb'}: EVK-TPL-020 {wanted}")
    assert line.endswith("@ $.metadata.evalkit.title")
    assert not project.out.exists()
