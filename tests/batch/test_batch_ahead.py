"""Reports that need nothing of what is computed for all begin while it is computed."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalkit.batch import RunOptions, run_plan
from evalkit.batch.preparing import Execution, bring_up_to_date, describe
from evalkit.batch.stages import stages_index
from evalkit.batch.tasks import plan_tasks
from evalkit.data.demo import prepare_demo
from evalkit.data.warehouse import Warehouse
from evalkit.notebook.templates import Template, find_template
from evalkit.plan import load_plan
from evalkit.runs import Ledger, RunFolder

SHIPPED = ("anru_outcomes", "ess_programme", "territory_portrait")


class Silent:
    """A listener that says nothing."""

    def __getattr__(self, name: str) -> object:
        return lambda *_: None


def says_it_asks_for_none(name: str, folder: Path) -> Path:
    """Put a copy of a shipped template beside a plan which says that it asks for no stage."""
    body = json.loads(find_template(name).content)
    body["metadata"]["evalkit"]["stages"] = False
    file = folder / "templates" / f"{name}.ipynb"
    file.parent.mkdir()
    file.write_text(json.dumps(body), encoding="utf-8")
    return file


def test_a_template_asks_for_stages_unless_it_says_otherwise(tmp_path: Path) -> None:
    assert [name for name in SHIPPED if find_template(name).asks_for_stages] == ["anru_outcomes"]
    assert not Template("a", says_it_asks_for_none("anru_outcomes", tmp_path)).asks_for_stages


@pytest.mark.parametrize("ahead", [True, False])
def test_who_needs_no_stage_comes_first(ahead: bool, tmp_path: Path) -> None:
    file, warehouse = prepare_demo(tmp_path / "project", universe=60, territories=2)
    plan, folder = load_plan(file), RunFolder(tmp_path / "run")
    with folder.locked() as token, Ledger(folder.ledger) as ledger:
        now = datetime.datetime.now(datetime.UTC)
        run = Execution(plan, warehouse, folder, ledger, now, token, None, 60.0, None)
        todo = bring_up_to_date(run, plan_tasks(plan, warehouse), force=True)
        batches = describe(run, todo, "warm", ahead=ahead)
        first = next(batches)
        assert {work.task.template for work in first} == ({"territory_portrait", "ess_programme"} if ahead else set())
        assert not stages_index(folder).exists()
        *between, last = batches
        assert len(between) == 5
        assert not any(between)
        assert stages_index(folder).is_file()
        assert {work.task.template for work in last} == ({"anru_outcomes"} if ahead else set(SHIPPED))
        assert sorted(work.task.id for work in (*first, *last)) == sorted(task.id for task in todo)


@pytest.mark.slow
def test_who_asks_all_the_same_gets_it(tmp_path: Path) -> None:
    file, warehouse = prepare_demo(tmp_path / "project", universe=60, territories=1)
    found = {}
    for name in ("asking", "mistaken"):
        if name == "mistaken":
            says_it_asks_for_none("anru_outcomes", file.parent)
        options = RunOptions(out=tmp_path / name / "run", workers=1, templates=("anru_outcomes",))
        result = run_plan(file, Warehouse.open(warehouse.root), options, Silent())
        assert [record.state for record in result.records] == ["ok"]
        found[name] = (result.folder.root / "findings.csv").read_bytes()
    assert found["asking"] == found["mistaken"]


@pytest.mark.slow
def test_a_stage_that_cannot_be_computed_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, warehouse = prepare_demo(tmp_path / "project", universe=60, territories=4)
    folder = RunFolder(tmp_path / "run")

    def states() -> set[str]:
        with Ledger(folder.ledger, read_only=True) as ledger:
            return {record.state for record in ledger.records()}

    def broken(*_: object) -> Iterator[str]:
        limit = time.monotonic() + 60
        while "running" not in states() and time.monotonic() < limit:
            yield ""
            time.sleep(0.05)
        assert "running" in states()
        raise ZeroDivisionError

    monkeypatch.setattr("evalkit.batch.preparing.compute_stages", broken)
    with pytest.raises(ZeroDivisionError):
        run_plan(file, warehouse, RunOptions(out=folder.root, workers=1), Silent())
    assert states() <= {"planned", "cancelled", "ok"}
    assert "cancelled" in states()
