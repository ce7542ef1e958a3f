"""Which tasks run and which are reused, and why: decided from ledgers and a warehouse, without executing anything."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from small_projects import CODES, Project, deliver_again, template
from typer.testing import CliRunner

from evalkit.batch.explain import Explainer, summary
from evalkit.batch.forward import bring_forward, decide
from evalkit.batch.reads import keep_lists, parse_reads, reads_in
from evalkit.batch.reuse import Decision
from evalkit.batch.takeover import with_run
from evalkit.batch.tasks import plan_tasks
from evalkit.cli.app import app
from evalkit.data.delivery import Delivery
from evalkit.data.warehouse import Warehouse
from evalkit.data.warehouse.recorder import RecordingWarehouse
from evalkit.model.run import Task, TaskRecord
from evalkit.plan import load_plan, resolve_territories
from evalkit.runs import Ledger, RunFolder

ALONE, NEAR, NEARBY, REFUSED = CODES[3], CODES[8], CODES[9], CODES[0]
USED = (ALONE, NEAR, NEARBY, REFUSED)
SAME_COMMUNE = "kind: territories, same: commune"
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
PAGE = """<!doctype html>
<html><head><title>{code}</title></head><body>
<p class="volatile" data-volatile>Run {run}, page made on day</p>
</body></html>
"""


@dataclass
class World:
    """A project whose tasks are done by hand: what a notebook would have read is read here."""

    project: Project
    out: RunFolder = field(init=False)

    def __post_init__(self) -> None:
        self.out = RunFolder(self.project.folder / "runs" / "first")

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse.open(self.project.warehouse)

    def tasks(self) -> list[Task]:
        return plan_tasks(load_plan(self.project.plan), self.warehouse)

    def done(self, folder: RunFolder, *, state: str = "ok", map_of_all: bool = False, unknown: bool = False) -> None:
        """Publish every task by hand, `tiny` having read the income of its commune, `other` the places alone."""
        folder.private.mkdir(parents=True, exist_ok=True)
        with Ledger(folder.ledger) as ledger:
            ledger.set_meta("evaluation", "petit")
            bring_forward(
                load_plan(self.project.plan), self.warehouse, folder, ledger, self.tasks(), force=True, started=NOW
            )
            ledger.plan(self.tasks())
            for task in self.tasks():
                found = "refused" if task.territory == REFUSED and state == "ok" else state
                outputs = self._publish(folder, task) if found == "ok" else {}
                record = TaskRecord(task.template, task.territory, task.lang, found, task.key, outputs=outputs)  # type: ignore[arg-type]
                reads = self._reads(task, map_of_all=map_of_all, unknown=unknown)
                ledger.finish(keep_lists(ledger, replace(record, reads=reads)))

    def _publish(self, folder: RunFolder, task: Task) -> dict[str, str]:
        import hashlib

        folder.figures(task).mkdir(parents=True)
        finding = json.dumps([{"run": folder.run_id, "origin_run": folder.run_id}])
        files = {
            folder.report(task): PAGE.format(code=task.territory, run=folder.run_id),
            folder.figures(task) / "a.csv": "x",
            folder.findings_of(task): finding,
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return {str(p.relative_to(folder.root)): hashlib.sha256(t.encode()).hexdigest() for p, t in files.items()}

    def _reads(self, task: Task, *, map_of_all: bool, unknown: bool) -> tuple[str, ...]:
        plan = load_plan(self.project.plan)
        store = RecordingWarehouse.open(self.project.warehouse).knowing(plan.territories.selection)
        place = store.territory("qpv", task.territory, "demo")
        assert place is not None
        if task.template == "tiny":
            [commune] = place.parents_at("commune")
            inside = store.select(
                replace(plan.territories.selection, codes=(), parents={"commune_demo": (commune.code,)}), "qpv", "demo"
            )
            store.observations(indicators=["in_tp60"], territories=inside, level="qpv", geography="demo")
        if map_of_all:
            resolve_territories(plan, store)
        entries = [f"{found} {words}" for words, found in sorted(store.log.entries.items())]
        marks = [f"@{store.fingerprint()}", *([f"?{plan.sha256}"] if unknown else [])]
        return (*marks, *([] if unknown else entries))

    def decisions(self, folder: RunFolder | None = None, *, force: bool = False) -> dict[str, Decision]:
        where = folder or self.out
        plan = load_plan(self.project.plan)
        if not where.exists():
            found = decide(plan, self.warehouse, where, None, self.tasks(), force=force)
        else:
            with Ledger(where.ledger, read_only=True) as ledger:
                found = decide(plan, self.warehouse, where, ledger, self.tasks(), force=force)
        return {item.task.id: item for item in found}

    def running(self, folder: RunFolder | None = None) -> set[str]:
        return {name.removeprefix("fr/") for name, found in self.decisions(folder).items() if found.action == "run"}


@pytest.fixture
def world(small_warehouse: Path, tmp_path: Path) -> World:
    shutil.copytree(small_warehouse, tmp_path / "data" / "warehouse")
    project = Project(tmp_path, tmp_path / "data" / "warehouse", USED)
    made = World(project.write({"tiny": template(), "other": template()}, comparator=SAME_COMMUNE))
    made.done(made.out)
    return made


def income_of(*codes: str) -> Any:
    def change(delivery: Delivery) -> None:
        rows = delivery.observations
        rows.loc[
            rows["territory"].isin(codes) & (rows["indicator"] == "in_tp60") & (rows["period"] == "2019"), "value"
        ] += 1

    return change


def edit(file: Path, before: str, now: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, now), encoding="utf-8")


def test_nothing_changed_nothing_runs_a_refused_territory_neither(world: World) -> None:
    assert {found.action for found in world.decisions().values()} == {"keep"}
    assert world.decisions()[f"fr/tiny/{REFUSED}"].cause == "unchanged"


def test_a_correction_runs_those_corrected_and_those_compared_with_them(world: World) -> None:
    deliver_again(world.project.warehouse, income_of(ALONE, NEAR), "corrected\n")
    assert world.running() == {f"tiny/{code}" for code in (ALONE, NEAR, NEARBY)}


def test_the_same_rows_from_another_file_run_nothing(world: World) -> None:
    deliver_again(world.project.warehouse, lambda delivery: None, "the same, issued again\n")
    assert world.running() == set()


def test_a_refused_territory_runs_again_when_what_it_read_changed(world: World) -> None:
    deliver_again(world.project.warehouse, income_of(REFUSED), "corrected\n")
    assert world.running() == {f"tiny/{REFUSED}"}


def test_the_list_of_territories_concerns_those_who_looked_at_it(world: World) -> None:
    world.project.codes = USED[:3]
    world.project.write({"tiny": template(), "other": template()}, comparator=SAME_COMMUNE)
    assert world.running() == set()
    mapped = RunFolder(world.project.folder / "elsewhere" / "mapped")
    world.done(mapped, map_of_all=True)
    assert world.running(mapped) == set()
    world.project.codes = USED[1:]
    world.project.write({"tiny": template(), "other": template()}, comparator=SAME_COMMUNE)
    [cause] = {found.cause for found in world.decisions(mapped).values() if found.action == "run" and found.details}
    assert cause == "rows"
    assert len(world.running(mapped)) >= 4


def test_without_known_reads_only_the_same_data_and_plan_will_do(world: World) -> None:
    blind = RunFolder(world.project.folder / "elsewhere" / "blind")
    world.done(blind, unknown=True)
    assert world.running(blind) == set()
    edit(world.project.plan, "seed: 1", "seed: 1 # a comment")
    assert {found.cause for found in world.decisions(blind).values()} == {"unknown"}


@pytest.mark.parametrize(
    ("before", "now", "cause", "details"),
    [
        ("seed: 1", "seed: 2", "plan", ("seed",)),
        ('met_if: "upper < 60"', 'met_if: "upper < 50"', "plan", ("questions",)),
        ("Petite évaluation", "Évaluation", "plan", ("title",)),
    ],
)
def test_a_part_of_the_plan_is_named(world: World, before: str, now: str, cause: str, details: tuple[str, ...]) -> None:
    edit(world.project.plan, before, now)
    assert {(found.cause, found.details) for found in world.decisions().values()} == {(cause, details)}


def test_another_template_and_its_parameters_leave_this_one_alone(world: World) -> None:
    world.project.write({"tiny": template(), "other": template("x = 1")}, comparator=SAME_COMMUNE)
    assert world.running() == {f"other/{code}" for code in USED}
    assert {found.cause for found in world.decisions().values() if found.action == "run"} == {"template"}


def test_failures_and_lost_files_run_again(world: World) -> None:
    failed = RunFolder(world.project.folder / "elsewhere" / "failed")
    world.done(failed, state="failed_cell")
    assert {(f.action, f.cause, f.details) for f in world.decisions(failed).values()} == {
        ("run", "failed", ("failed_cell",))
    }
    world.out.report(next(task for task in world.tasks() if task.territory == ALONE)).unlink()
    assert [found.cause for found in world.decisions().values() if found.action == "run"] == ["gone"]


def test_a_report_whose_reads_were_never_noted_runs_again(world: World) -> None:
    """As after the loss of a ledger: what is published is known, what it read is not."""
    with Ledger(world.out.ledger) as ledger:
        ledger.note_reads([replace(record, reads=()) for record in ledger.records() if record.territory == ALONE])
    assert world.running() == {f"tiny/{ALONE}", f"other/{ALONE}"}
    assert {found.cause for found in world.decisions().values() if found.action == "run"} == {"unknown"}


def test_force_runs_all(world: World) -> None:
    assert {(found.action, found.cause) for found in world.decisions(force=True).values()} == {("run", "forced")}


class TestNewRun:
    """A new run folder beside the first one."""

    @pytest.fixture
    def second(self, world: World) -> RunFolder:
        return RunFolder(world.project.folder / "runs" / "second")

    def forward(self, world: World, folder: RunFolder) -> list[str]:
        folder.private.mkdir(parents=True, exist_ok=True)
        with Ledger(folder.ledger) as ledger:
            ledger.set_meta("evaluation", "petit")
            todo = bring_forward(
                load_plan(world.project.plan), world.warehouse, folder, ledger, world.tasks(), force=False, started=NOW
            )
        return [task.id.removeprefix("fr/") for task in todo]

    def test_all_is_taken_over_and_says_from_where(self, world: World, second: RunFolder) -> None:
        assert {found.action for found in world.decisions(second).values()} == {"reuse"}
        assert self.forward(world, second) == []
        with Ledger(second.ledger, read_only=True) as ledger:
            records = ledger.records()
        assert {record.state for record in records} == {"reused", "refused"}
        record = next(record for record in records if record.territory == ALONE)
        page = second.report(record).read_text(encoding="utf-8")
        assert "Run second, page made on day" in page
        assert page.replace("Run second", "Run first") == world.out.report(record).read_text(encoding="utf-8")
        assert json.loads(second.findings_of(record).read_text()) == [{"run": "second", "origin_run": "first"}]
        assert (second.figures(record) / "a.csv").read_text() == "x"
        assert world.running(second) == set()

    def test_only_what_changed_is_left(self, world: World, second: RunFolder) -> None:
        deliver_again(world.project.warehouse, income_of(ALONE), "corrected\n")
        assert self.forward(world, second) == [f"tiny/{ALONE}"]
        assert parse_reads(self._reads(second)).fingerprint == world.warehouse.fingerprint()

    def _reads(self, folder: RunFolder) -> tuple[str, ...]:
        with Ledger(folder.ledger, read_only=True) as ledger:
            return next(record.reads for record in ledger.records() if record.state == "reused")

    @pytest.mark.parametrize("which", ["page", "figure", "finding"])
    def test_what_is_not_what_was_published_is_made_again(self, world: World, second: RunFolder, which: str) -> None:
        task = next(task for task in world.tasks() if task.territory == ALONE)
        files = {
            "page": world.out.report(task),
            "figure": world.out.figures(task) / "a.csv",
            "finding": world.out.findings_of(task),
        }
        files[which].write_text("forged", encoding="utf-8")
        assert self.forward(world, second) == [task.id.removeprefix("fr/")]

    def test_an_evaluation_of_another_name_gives_nothing(self, world: World, second: RunFolder) -> None:
        edit(world.project.plan, "evaluation: petit", "evaluation: grand")
        assert {found.cause for found in world.decisions(second).values()} == {"never"}


def test_the_run_is_replaced_in_the_marked_line_alone() -> None:
    page = PAGE.format(code="first", run="first")
    found = with_run(page, "first", "a & b")
    assert found is not None
    assert "<title>first</title>" in found
    assert "Run a &amp; b, page" in found
    assert with_run(page, "another", "b") is None
    assert with_run(page.replace("volatile", "x"), "first", "b") is None


class TestWords:
    """`evalkit plan --explain`."""

    def test_the_rows_that_differ_are_counted(self, world: World) -> None:
        deliver_again(world.project.warehouse, income_of(ALONE, NEAR), "corrected\n")
        explainer = Explainer(world.warehouse)
        said = {name: explainer.why(found).render("en") for name, found in world.decisions().items()}
        assert said[f"fr/tiny/{ALONE}"] == "rows that it reads changed: in_tp60, qpv, 2019: 1 territory differs"
        assert said[f"fr/tiny/{NEARBY}"] == "rows that it reads changed: in_tp60, qpv, 2019: 1 territory differs"
        assert said[f"fr/other/{ALONE}"] == "nothing that it was made from changed"
        lines = [line.render("en") for line in summary(world.decisions().values())]
        assert lines == [
            "5 tasks are reused: nothing that it was made from changed",
            "3 tasks run: rows that it reads changed",
        ]

    def test_the_command_says_it_in_french_and_as_json(self, world: World) -> None:
        edit(world.project.plan, "seed: 1", "seed: 2")
        command = ["plan", str(world.project.plan), "--explain", "--out", str(world.out.root)]
        text = CliRunner().invoke(app, [*command, "--ui-lang", "fr"])
        assert text.exit_code == 0, text.output
        assert f"fr/tiny/{ALONE}  exécuter" in text.output
        assert re.search("le plan a changé\u00a0: seed", text.output)
        found = json.loads(CliRunner().invoke(app, [*command, "--json", "--ui-lang", "en"]).output)
        assert {row["action"] for row in found["tasks"]} == {"run"}
        assert found["summary"] == ["8 tasks run: the plan changed"]

    def test_plain_list_stays_and_has_json(self, world: World) -> None:
        listed = CliRunner().invoke(app, ["plan", str(world.project.plan)])
        assert f"fr\ttiny\t{ALONE}" in listed.output
        found = json.loads(CliRunner().invoke(app, ["plan", str(world.project.plan), "--json"]).output)
        assert {"territory": ALONE, "template": "tiny", "lang": "fr"} in found["tasks"]


def test_reads_of_a_notebook_and_of_an_older_ledger() -> None:
    assert reads_in(None, "f", "p") == ("@f", "?p")
    assert parse_reads(()).fingerprint == ""
    found = parse_reads(("@f", 'aa {"ask":"noted"}'))
    assert (found.fingerprint, found.answers, found.only_under) == ("f", {'{"ask":"noted"}': "aa"}, None)
