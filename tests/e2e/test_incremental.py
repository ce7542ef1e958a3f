"""What a second run does: nothing when nothing changed, and only what depends on what did. Real runs through the command line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from small_projects import CODES, Project, deliver_again, hostile_warehouse, template

from evalkit.data.delivery import Delivery
from evalkit.report import canonical_hash
from evalkit.runs import read_findings

pytestmark = pytest.mark.slow

SAME_COMMUNE = "kind: territories, same: commune"
ESS = 'ev.record(ev.value("ess_part"))\nev.structures(everywhere=True)'
USED = (CODES[0], CODES[3], CODES[4], *CODES[8:12])
REFUSED = CODES[4]
INCOME = f'if territory == "{REFUSED}":\n    ev.refuse(fr="Trop peu de ménages.", en="Too few households.")'
CORRECTED = (CODES[3], CODES[8], CODES[11])  # the first and the last are alone in their commune
NEIGHBOURS = (CODES[9], CODES[10])
SHIPPED = ("anru_outcomes", "ess_programme", "territory_portrait")
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks" / "templates"
LISTED = "indicators:\n  - {id: ess_part, role: context}\n"


def raised_income(delivery: Delivery) -> None:
    rows = delivery.observations
    here = rows["territory"].isin(CORRECTED) & (rows["indicator"] == "in_tp60") & rows["value"].notna()
    rows.loc[here, "value"] += 1


def newer_ess(delivery: Delivery) -> None:
    raised_income(delivery)
    delivery.structures["jobs_start"] += 1


def higher_share(points: float) -> Callable[[Delivery], None]:
    """Change what is observed of the social economy, by so many points."""

    def change(delivery: Delivery) -> None:
        rows = delivery.observations
        here = (rows["indicator"] == "ess_part") & rows["value"].notna()
        assert here.any()
        rows.loc[here, "value"] += points

    return change


class Story:
    """A run, then the same with one thing changed after the other; after each step, which tasks were executed."""

    def __init__(self, folder: Path, codes: tuple[str, ...] = USED) -> None:
        self.project = Project(folder, hostile_warehouse(folder / "data"), codes)
        self.write()
        self.seen: dict[str, int] = {}

    def write(self, **changes: object) -> None:
        options: dict[str, object] = {"comparator": SAME_COMMUNE, **changes}
        self.project.write({"income": template(INCOME), "ess": template(ESS)}, **options)  # type: ignore[arg-type]

    def executed(self, *arguments: str) -> set[str]:
        """Run and return the tasks that were executed, by the attempts that the ledger counts."""
        done = self.project.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        now = {name: record.attempts for name, record in self.project.records().items()}
        found = {name for name, attempts in now.items() if attempts != self.seen.get(name, 0)}
        self.seen = now
        return found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    made = Story(tmp_path_factory.mktemp("incremental"))
    assert len(made.executed()) == 2 * len(USED)
    return made


def income(*codes: str) -> set[str]:
    return {f"fr/income/{code}" for code in codes}


def ess(*codes: str) -> set[str]:
    return {f"fr/ess/{code}" for code in codes}


def test_each_change_runs_what_depends_on_it_and_nothing_else(story: Story) -> None:
    """One story in the order of its steps: nothing, a comment, a parameter, three values, an ESS delivery, a territory left out."""
    project = story.project
    index = (project.out / "index.html").stat().st_mtime_ns
    assert story.executed() == set()
    assert (project.out / "index.html").stat().st_mtime_ns == index
    assert project.records()[f"fr/income/{REFUSED}"].state == "refused"

    project.plan.write_text("# a comment\n" + project.plan.read_text(encoding="utf-8"), encoding="utf-8")
    assert story.executed() == set()

    deliver_again(project.warehouse, raised_income, "three territories corrected\n")
    touched = (*CORRECTED, *NEIGHBOURS)
    assert story.executed() == income(*touched) | ess(*touched)
    assert story.executed() == set()

    deliver_again(project.warehouse, newer_ess, "more jobs\n")
    assert story.executed() == ess(*USED)

    project.codes = USED[:-1]
    story.write()
    assert story.executed() == set()
    assert f"fr/income/{USED[-1]}" not in project.records()


def test_a_new_run_takes_over_what_the_last_one_made(story: Story) -> None:
    project = story.project
    before = {
        name: project.run_folder.report(r).read_text(encoding="utf-8")
        for name, r in project.records().items()
        if r.state == "ok"
    }
    again = Project(project.folder, project.warehouse, project.codes)
    again.out = project.folder / "second"
    assert again.run().returncode == 0
    states = {record.state for record in again.records().values()}
    assert states == {"reused", "refused"}
    for name, page in before.items():
        taken = again.run_folder.report(again.records()[name]).read_text(encoding="utf-8")
        assert canonical_hash(taken) == canonical_hash(page)
        assert taken != page
        assert "second" in taken
    findings = read_findings(again.run_folder)
    assert set(findings["run"]) == {"second"}
    assert set(findings["origin_run"]) == {"out"}


def test_what_was_tampered_with_is_not_taken_over(story: Story) -> None:
    project = story.project
    name = f"fr/income/{CODES[0]}"
    page = project.run_folder.report(project.records()[name])
    kept = page.read_bytes()
    page.write_bytes(kept.replace(b"</main>", b"<p>forged</p></main>"))
    again = Project(project.folder, project.warehouse, project.codes)
    again.out = project.folder.parent / f"{project.folder.name}-apart" / "fourth"
    shutil.copytree(project.out, again.out.parent / "out")
    try:
        assert again.run("--template", "income").returncode == 0
    finally:
        page.write_bytes(kept)
    assert again.records()[name].state == "ok"
    assert again.records()[f"fr/income/{CODES[3]}"].state == "reused"


def test_new_observations_of_the_social_economy_run_the_templates_that_show_them(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The shipped templates: two show the share of the social economy when the plan lists it, one does in any case."""
    codes = (CODES[0], CODES[3])
    told = Story(tmp_path_factory.mktemp("shipped"), codes)
    project = told.project
    project.write({name: nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4) for name in SHIPPED})

    def all_of(*names: str) -> set[str]:
        return {f"fr/{name}/{code}" for name in names for code in codes}

    assert told.executed() == all_of(*SHIPPED)
    deliver_again(project.warehouse, higher_share(1), "a higher share\n")
    assert told.executed() == all_of("ess_programme")

    text = project.plan.read_text(encoding="utf-8")
    project.plan.write_text(text.replace("indicators:\n", LISTED), encoding="utf-8")
    assert told.executed() == all_of(*SHIPPED)
    deliver_again(project.warehouse, higher_share(2), "a still higher share\n")
    assert told.executed() == all_of("ess_programme", "territory_portrait")
