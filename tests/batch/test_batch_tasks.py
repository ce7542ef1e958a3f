"""From a plan to its tasks, and the keys that say when a task must run again."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from small_projects import CODES, Project, template

from evalkit.batch import plan_tasks
from evalkit.batch.keys import Recipe, packages_hash, recipe, recipe_of, source_hash, task_key, template_hash
from evalkit.data.warehouse import Warehouse
from evalkit.errors import UsageError
from evalkit.model.plan import DataSource, PlanTemplate, Selection, Territories
from evalkit.notebook.templates import Template, find_template, list_templates
from evalkit.plan import check_plan, load_plan

ONE, TWO = CODES[:2]


class TestKeys:
    """One recipe a template and language; the key of a task begins with it."""

    @pytest.fixture
    def made(self, project: Project) -> Any:
        def recipe_now(**changes: Any) -> Recipe:
            plan = replace(load_plan(project.plan), **changes)
            item = PlanTemplate("tiny", changes.pop("parameters", {"since": 2012, "until": 2019}))
            return recipe(plan, item, find_template("tiny", project.plan), changes.pop("lang", "fr"))

        return recipe_now

    def test_same_inputs_same_key(self, made: Any) -> None:
        assert task_key(made(), "01004") == task_key(made(), "01004")
        assert len(task_key(made(), "01004")) == 64

    def test_the_territory_changes_the_key_and_not_its_recipe(self, made: Any) -> None:
        one, other = task_key(made(), "01004"), task_key(made(), "1004")
        assert one != other
        assert recipe_of(one) == recipe_of(other)

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"seed": 2}, "plan.seed"),
            ({"languages": ("fr",)}, "plan.languages"),
            ({"questions": ()}, "plan.questions"),
            ({"sources": (DataSource("insee_qpv_income"),)}, "plan.sources"),
            ({"data_as_of": datetime.date(2026, 1, 1)}, "plan.data_as_of"),
            ({"territories": Territories("qpv", "2024", Selection())}, "plan.territories"),
        ],
    )
    def test_each_part_of_the_plan_is_told_apart(self, made: Any, changes: dict[str, Any], part: str) -> None:
        assert made().differences(made(**changes)) == [part]

    @pytest.mark.parametrize(
        "changes",
        [
            {"sha256": "another text"},
            {"file": Path("elsewhere") / "evaluation.yaml"},
            {"templates": (PlanTemplate("other", {"since": 1999}),)},
            {"warehouse": Path("elsewhere")},
            {"territories": Territories("qpv", "demo", Selection(codes=(ONE,)))},
        ],
    )
    def test_what_no_report_shows_changes_nothing(self, made: Any, changes: dict[str, Any]) -> None:
        assert made().differences(made(**changes)) == []

    def test_parameters_count_by_value_and_type_not_by_order(self, project: Project) -> None:
        plan, found = load_plan(project.plan), find_template("tiny", project.plan)
        shas = [
            recipe(plan, PlanTemplate("tiny", given), found, "fr").sha256
            for given in ({"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 1, "b": "2"}, {"a": 1}, {"a": 1, "b": None})
        ]
        assert shas[0] == shas[1]
        assert len(set(shas)) == 4

    def test_the_language_and_the_code_of_evalkit_count(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plan, found = load_plan(project.plan), find_template("tiny", project.plan)
        before = recipe(plan, PlanTemplate("tiny"), found, "fr")
        assert before.differences(recipe(plan, PlanTemplate("tiny"), found, "en")) == ["lang"]
        monkeypatch.setattr("evalkit.batch.keys.source_hash", lambda: "other code")
        assert before.differences(recipe(plan, PlanTemplate("tiny"), found, "fr")) == ["source"]

    def test_a_lock_file_beside_the_plan_counts(self, tmp_path: Path) -> None:
        (tmp_path / "locked").mkdir()
        (tmp_path / "locked" / "requirements.lock").write_text("pandas==3.1\n", encoding="utf-8")
        assert packages_hash(tmp_path) != packages_hash(tmp_path / "locked")

    def test_what_a_template_displayed_does_not_count(self, tmp_path: Path) -> None:
        plain = template()
        run = template()
        run.cells[1]["execution_count"] = 3
        run.cells[1]["outputs"] = [nbformat.v4.new_output("stream", text="seen")]
        coded = template("x = 1")
        hashes = []
        for name, notebook in (("plain", plain), ("run", run), ("coded", coded)):
            nbformat.write(notebook, tmp_path / f"{name}.ipynb")
            hashes.append(template_hash(Template(name, tmp_path / f"{name}.ipynb")))
        assert hashes[0] == hashes[1] != hashes[2]

    @pytest.mark.parametrize("minor", [4, 5])
    def test_a_template_is_read_alike_with_and_without_nbformat(self, tmp_path: Path, minor: int) -> None:
        notebook = template("x = 1\ny = 2")
        notebook.nbformat_minor = minor
        if minor < 5:
            for cell in notebook.cells:
                cell.pop("id", None)
        nbformat.write(notebook, tmp_path / "one.ipynb")
        found = Template("one", tmp_path / "one.ipynb")
        assert type(found.body) is dict
        assert [cell["source"] for cell in found.body["cells"]] == [cell.source for cell in found.notebook.cells]
        assert found.body["metadata"] == found.notebook.metadata

    @pytest.mark.parametrize(
        "part",
        [
            {"nbformat": 3, "worksheets": []},
            {"nbformat": 4, "cells": [{"cell_type": "code", "source": 1, "metadata": {}, "outputs": []}]},
            {"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "markdown", "source": "", "metadata": {}}]},
        ],
    )
    @pytest.mark.filterwarnings("ignore::nbformat.warnings.MissingIDFieldWarning")
    def test_what_is_no_sound_notebook_of_today_is_left_to_nbformat(self, tmp_path: Path, part: dict[str, Any]) -> None:
        (tmp_path / "one.ipynb").write_text(json.dumps({"nbformat_minor": 0, "metadata": {}, **part}), encoding="utf-8")
        found = Template("one", tmp_path / "one.ipynb")
        try:
            assert found.body is found.notebook
        except TypeError:  # nbformat itself cannot take it
            assert "notebook" not in vars(found)

    def test_source_hash_is_a_hash(self) -> None:
        assert len(source_hash()) == 64


class TestTasks:
    @pytest.fixture
    def tasks(self, project: Project) -> Any:
        warehouse = Warehouse.open(project.warehouse)

        def planned(**filters: Any) -> list[str]:
            plan, problems = check_plan(project.plan, warehouse, templates=list_templates(project.plan))
            assert plan is not None
            assert not [problem for problem in problems if problem.severity == "error"]
            return [task.id for task in plan_tasks(plan, warehouse, **filters)]

        return planned

    def test_every_combination_once(self, tasks: Any) -> None:
        found = tasks()
        assert len(found) == len(set(found)) == 8
        assert f"en/other/{TWO}" in found

    def test_filters(self, tasks: Any) -> None:
        assert tasks(territories=[TWO], templates=["tiny"], languages=["en"]) == [f"en/tiny/{TWO}"]
        assert tasks(territories=[TWO, ONE, TWO], templates=["tiny"], languages=["fr"]) == [
            f"fr/tiny/{ONE}",
            f"fr/tiny/{TWO}",
        ]

    @pytest.mark.parametrize(
        ("name", "value", "near"),
        [("territories", "DX001O01", ONE), ("templates", "tyny", "tiny"), ("languages", "de", "en")],
    )
    def test_unknown_names_are_refused_with_the_nearest(self, tasks: Any, name: str, value: str, near: str) -> None:
        with pytest.raises(UsageError, match=f"EVK-RUN-029.*{value}.*{near}"):
            tasks(**{name: [value]})

    def test_a_changed_template_changes_only_its_tasks(self, project: Project) -> None:
        warehouse = Warehouse.open(project.warehouse)

        def keys() -> dict[str, str]:
            plan, _ = check_plan(project.plan, warehouse, templates=list_templates(project.plan))
            assert plan is not None
            return {task.id: task.key for task in plan_tasks(plan, warehouse)}

        before = keys()
        file = project.folder / "templates" / "tiny.ipynb"
        file.write_text(file.read_text(encoding="utf-8").replace("Constat", "Constats"), encoding="utf-8")
        after = keys()
        assert {name for name in before if before[name] != after[name]} == {name for name in before if "/tiny/" in name}


def test_templates_beside_the_plan_win(project: Project, tmp_path: Path) -> None:
    found = list_templates(project.plan)
    assert found["tiny"].file == project.folder / "templates" / "tiny.ipynb"
    assert "territory_portrait" in found
    (project.folder / "templates" / "tiny.ipynb").rename(project.folder / "templates" / "territory_portrait.ipynb")
    assert list_templates(project.plan)["territory_portrait"].file.is_relative_to(project.folder)
