"""From a plan to its tasks, and the keys that say when a task must run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_projects import CODES, Project

from evalkit.batch import plan_tasks
from evalkit.batch.keys import source_hash, task_key
from evalkit.data.warehouse import Warehouse
from evalkit.errors import UsageError
from evalkit.notebook.templates import list_templates
from evalkit.plan import check_plan

ONE, TWO = CODES[:2]
INPUTS: dict[str, Any] = {
    "template_sha256": "t",
    "plan_sha256": "p",
    "warehouse": "w",
    "territory": "01004",
    "lang": "fr",
    "parameters": {"since": 2012},
}


class TestKeys:
    def test_same_inputs_same_key(self) -> None:
        assert task_key(**INPUTS) == task_key(**INPUTS)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("template_sha256", "u"),
            ("plan_sha256", "q"),
            ("warehouse", "x"),
            ("territory", "1004"),
            ("lang", "en"),
            ("parameters", {"since": 2013}),
            ("parameters", {"since": "2012"}),
            ("parameters", {"since": 2012, "more": None}),
            ("parameters", {}),
        ],
    )
    def test_each_input_changes_it(self, name: str, value: object) -> None:
        assert task_key(**{**INPUTS, name: value}) != task_key(**INPUTS)

    def test_the_code_of_evalkit_changes_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = task_key(**INPUTS)
        monkeypatch.setattr("evalkit.batch.keys.source_hash", lambda: "other code")
        assert task_key(**INPUTS) != before

    def test_order_of_parameters_does_not(self) -> None:
        one = task_key(**{**INPUTS, "parameters": {"a": 1, "b": 2}})
        assert one == task_key(**{**INPUTS, "parameters": {"b": 2, "a": 1}})

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
