"""An earlier run that reports are compared with: what it must be, what it is to the keys of tasks, what workers get of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from test_batch_reuse import ALONE, NEAR, NOW, REFUSED, World, edit, world
from typer.testing import CliRunner

from evalkit.batch.conduct import clear_leftovers
from evalkit.batch.differences import Making, made_with
from evalkit.batch.explain import Explainer
from evalkit.batch.forward import bring_forward, decide
from evalkit.batch.record import record_run
from evalkit.batch.reuse import Decision
from evalkit.batch.since import Since, hand_over, load_since
from evalkit.batch.tasks import plan_tasks
from evalkit.cli.app import app
from evalkit.errors import RunError
from evalkit.model.run import Task
from evalkit.plan import load_plan
from evalkit.runs import Ledger, RunFolder, read_manifest

__all__ = ["world"]  # a fixture


@dataclass
class Compared(World):
    """A world whose reports are compared with an earlier run."""

    since: Since | None = None

    def tasks(self) -> list[Task]:
        return plan_tasks(load_plan(self.project.plan), self.warehouse, since=self.since)

    def done(self, folder: RunFolder, **more: object) -> None:
        super().done(folder)
        plan = load_plan(self.project.plan)
        with Ledger(folder.ledger) as ledger:
            bring_forward(plan, self.warehouse, folder, ledger, [], force=False, started=NOW, since=self.since)

    def decisions(self, folder: RunFolder | None = None, *, force: bool = False) -> dict[str, Decision]:
        where = folder or self.out
        with Ledger(where.ledger, read_only=True) as ledger:
            plan = load_plan(self.project.plan)
            found = decide(plan, self.warehouse, where, ledger, self.tasks(), force=force, since=self.since)
        return {item.task.id: item for item in found}

    def causes(self, folder: RunFolder) -> set[str]:
        return {f"{found.action} {found.cause}" for found in self.decisions(folder).values()}


def ended(world: World, folder: RunFolder) -> RunFolder:
    """Write the manifest of a run."""
    with Ledger(folder.ledger) as ledger:
        record_run(load_plan(world.project.plan), world.warehouse, folder, ledger, started=NOW, finished=NOW)
    return folder


@pytest.fixture
def earlier(world: World) -> Since:
    ended(world, world.out)
    return load_since(world.out.root, "petit", RunFolder(world.out.root.parent / "second"))


@pytest.fixture
def second(world: World, earlier: Since) -> tuple[Compared, RunFolder]:
    """A run that was compared with the first."""
    made = Compared(world.project, since=earlier)
    folder = RunFolder(world.out.root.parent / "second")
    made.done(folder)
    return made, folder


class TestRefusals:
    def refused(self, place: Path | str, out: RunFolder, evaluation: str = "petit") -> str:
        with pytest.raises(RunError) as caught:
            load_since(place, evaluation, out)
        return caught.value.problems[0].code.id

    def test_each_kind_of_run_that_cannot_serve(self, world: World, tmp_path: Path) -> None:
        out = RunFolder(tmp_path / "new")
        assert self.refused(tmp_path / "nothing", out) == "EVK-RUN-001"
        assert self.refused("s3://bucket/run", out) == "EVK-RUN-036"
        assert self.refused(world.out.root, world.out) == "EVK-RUN-037"
        assert self.refused(world.out.root, out) == "EVK-RUN-039"
        ended(world, world.out)
        assert self.refused(world.out.root, out, "grand") == "EVK-RUN-038"

    def test_a_run_of_a_newer_evalkit(self, world: World, tmp_path: Path) -> None:
        ended(world, world.out)
        manifest = json.loads(world.out.manifest.read_text(encoding="utf-8"))
        world.out.manifest.write_text(json.dumps({**manifest, "schema": 99}), encoding="utf-8")
        assert self.refused(world.out.root, RunFolder(tmp_path / "new")) == "EVK-RUN-002"
        world.out.manifest.write_text("{", encoding="utf-8")
        assert self.refused(world.out.root, RunFolder(tmp_path / "new")) == "EVK-RUN-010"
        with Ledger(world.out.ledger) as ledger:
            ledger.set_meta("schema", "99")
        assert self.refused(world.out.root, RunFolder(tmp_path / "new")) == "EVK-RUN-002"

    def test_the_command_says_it_before_anything_is_made(self, world: World, tmp_path: Path) -> None:
        out = tmp_path / "new"
        edit(world.project.plan, "evaluation: petit", "evaluation: grand")
        command = ["run", str(world.project.plan), "--out", str(out), "--since", str(world.out.root), "--ui-lang", "fr"]
        done = CliRunner().invoke(app, command)
        assert done.exit_code != 0
        assert isinstance(done.exception, (RunError, SystemExit))
        assert not out.exists()


class TestKeys:
    def test_the_run_and_the_findings_of_each_task_are_part_of_its_key(self, world: World, earlier: Since) -> None:
        plan, warehouse = load_plan(world.project.plan), world.warehouse

        def keys(since: Since | None) -> Mapping[str, str]:
            return {task.id: task.key for task in plan_tasks(plan, warehouse, since=since)}

        plain, compared = keys(None), keys(earlier)
        assert compared == keys(replace(earlier))
        assert not set(plain.values()) & set(compared.values())
        renamed = replace(earlier, folder=RunFolder(earlier.folder.root.with_name("other")))
        assert not set(keys(renamed).values()) & set(compared.values())
        made = keys(replace(earlier, making=Making({"tiny": "x"})))
        assert not set(made.values()) & set(compared.values())
        name = f"fr/tiny/{ALONE}"
        moved = keys(replace(earlier, findings={**earlier.findings, name: "0" * 64}))
        assert {task for task in compared if moved[task] != compared[task]} == {name}

    def test_a_refused_territory_has_no_earlier_findings(self, earlier: Since) -> None:
        assert f"fr/tiny/{ALONE}" in earlier.findings
        assert f"fr/tiny/{REFUSED}" not in earlier.findings
        assert earlier.day == NOW.date()


class TestReuse:
    def test_the_same_again_runs_nothing(self, second: tuple[Compared, RunFolder]) -> None:
        made, folder = second
        assert made.causes(folder) == {"keep unchanged"}

    def test_a_third_run_takes_over_what_was_compared_with_the_same(self, second: tuple[Compared, RunFolder]) -> None:
        made, folder = second
        made.out = RunFolder(folder.root.with_name("third"))
        made.out.private.mkdir(parents=True)
        with Ledger(made.out.ledger) as ledger:
            ledger.set_meta("evaluation", "petit")
        assert made.causes(made.out) == {"reuse unchanged"}

    def test_with_and_without_and_with_another_every_report_is_made_anew(
        self, second: tuple[Compared, RunFolder]
    ) -> None:
        made, folder = second
        since = made.since
        assert since is not None
        made.since = None
        assert made.causes(folder) == {"reuse unchanged"}  # from the first run, which is compared with none
        made.since = replace(since, folder=RunFolder(since.folder.root.with_name("other")))
        assert made.causes(folder) == {"run since"}
        made.since = since
        shutil.rmtree(folder.root)
        assert made.causes(since.folder) == {"run since"}  # what was compared with none

    def test_only_the_report_whose_earlier_findings_changed_is_made_anew(
        self, second: tuple[Compared, RunFolder]
    ) -> None:
        made, folder = second
        assert made.since is not None
        name = f"fr/tiny/{NEAR}"
        made.since = replace(made.since, findings={**made.since.findings, name: "0" * 64})
        found = made.decisions(folder)
        assert {task for task, decision in found.items() if decision.action == "run"} == {name}
        assert Explainer(made.warehouse).why(found[name]).render("en") == (
            "the earlier run that it is compared with (--since) is another one, or its findings changed"
        )

    def test_the_explanation_takes_the_option_too(self, second: tuple[Compared, RunFolder]) -> None:
        made, folder = second
        assert made.since is not None
        command = ["plan", str(made.project.plan), "--explain", "--out", str(folder.root), "--json", "--ui-lang", "en"]
        given = json.loads(CliRunner().invoke(app, [*command, "--since", str(made.since.folder.root)]).output)
        assert {row["action"] for row in given["tasks"]} == {"reuse"}
        shutil.rmtree(made.since.folder.root)
        without = json.loads(CliRunner().invoke(app, command).output)
        assert {(row["action"], row["cause"]) for row in without["tasks"]} == {("run", "since")}


class TestHandingOver:
    def test_workers_get_the_findings_of_the_tasks_and_how_both_runs_were_made(
        self, world: World, earlier: Since
    ) -> None:
        folder = RunFolder(world.out.root.parent / "second")
        now = made_with(read_manifest(earlier.folder))
        name = hand_over(earlier, now, folder, world.tasks())
        told = json.loads(folder.earlier_run(name).read_text(encoding="utf-8"))
        assert (told["run"], told["day"]) == ("first", "2026-03-01")
        assert Making(**told["before"]) == Making(**told["now"])
        for task in world.tasks():
            there = folder.earlier_findings(name, task)
            assert there.is_file() == (task.territory != REFUSED)
            if there.is_file():
                assert there.read_bytes() == earlier.folder.findings_of(task).read_bytes()
        clear_leftovers(folder)
        assert not folder.earlier.exists()

    @pytest.mark.parametrize("lost", [True, False])
    def test_findings_that_are_not_those_of_the_ledger_are_refused(
        self, world: World, earlier: Since, *, lost: bool
    ) -> None:
        task = next(task for task in world.tasks() if task.territory == ALONE)
        file = earlier.folder.findings_of(task)
        file.unlink() if lost else file.write_text("[]", encoding="utf-8")
        with pytest.raises(RunError) as caught:
            hand_over(earlier, earlier.making, RunFolder(world.out.root.parent / "second"), world.tasks())
        assert caught.value.problems[0].code.id == "EVK-RUN-049"
