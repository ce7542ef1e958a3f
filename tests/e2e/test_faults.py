"""What a run does when a territory fails: through the command line, with real processes. The long faults are in `test_faults_slow.py`."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
import pytest
from small_projects import CODES, FORMULA_NAME, HOSTILE, SCRIPT_NAME, Project, hostile_warehouse, template

PRIVATE = "private-4711"
OK, RAISES, REFUSES, DIES, OPEN_END, STRANGER, SWAPPED, LOOPS = CODES[:8]
BODY = f"""
if "MENDED" not in os.environ:
    here = ev.territory.code
    if here == "{RAISES}":
        raise ValueError("value {PRIVATE} of a household")
    if here == "{REFUSES}":
        ev.refuse(fr="Trop peu de ménages ici.", en="Too few households here.")
    if here == "{DIES}":
        os._exit(1)
    if here == "{STRANGER}":
        from dataclasses import replace
        ev._identity = replace(ev._identity, territory="{OK}")
    if here == "{SWAPPED}":
        ev = open_evaluation(plan, "{OK}", language)
    while here == "{LOOPS}":
        print("still looping", flush=True)
        __import__("time").sleep(0.5)
ev.record(ev.statement(fr="Vu.", en="Seen.", n=3, selection_fr="tous", selection_en="all", indicator=ev.territory.name))
"""
END = f'if territory != "{OPEN_END}" or "MENDED" in os.environ:\n    ev.conclude()'


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_warehouse(tmp_path_factory.mktemp("donnees"))


@dataclass
class Story:
    """A run with all kinds of failures, then a territory that loops, then the same command with the template mended."""

    project: Project
    first: CompletedProcess[str]
    states: dict[str, str]
    page: str
    good: tuple[bytes, int]
    looped: CompletedProcess[str]
    looped_states: dict[str, str]
    partial: str
    half_written: list[str]
    files: list[str]
    mended: CompletedProcess[str]


@pytest.fixture(scope="module")
def story(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    project = Project(tmp_path_factory.mktemp("faults"), warehouse, CODES[:8]).write({"tiny": template(BODY, end=END)})
    chosen = [part for code in CODES[:7] for part in ("--territory", code)]
    first = project.run(*chosen)
    page = project.run_folder.report(project.records()[f"fr/tiny/{OK}"])
    states = project.states()
    portfolio = (project.out / "index.html").read_text(encoding="utf-8")
    half_written, files = project.leftovers(), sorted(project.published())
    good = page.read_bytes(), page.stat().st_mtime_ns
    looped = project.run("--territory", LOOPS, "--timeout", "8")
    partial = project.run_folder.notebook(project.records()[f"fr/tiny/{LOOPS}"]).read_text(encoding="utf-8")
    looped_states = project.states()
    mended = project.run(MENDED="1")
    return Story(project, first, states, portfolio, good, looped, looped_states, partial, half_written, files, mended)


# A failing territory fails alone.


def test_each_failure_has_its_state(story: Story) -> None:
    assert story.states == {
        OK: "ok",
        RAISES: "failed_cell",
        REFUSES: "refused",
        DIES: "failed_kernel",
        OPEN_END: "failed_render",
        STRANGER: "failed_identity",
        SWAPPED: "failed_render",
    }


def test_exit_code_is_one(story: Story) -> None:
    assert story.first.returncode == 1, story.first.stderr


def test_portfolio_lists_each_with_its_cause(story: Story) -> None:
    for code in CODES[:7]:
        assert code in story.page
    for cause in ("ValueError", "Trop peu de ménages ici.", "autre territoire"):
        assert cause in story.page


def test_nobody_reads_a_value_or_a_traceback(story: Story) -> None:
    for text in (story.page, story.first.stdout, story.first.stderr, story.looped.stdout, story.looped.stderr):
        assert PRIVATE not in text
        assert "Traceback" not in text


def test_the_log_keeps_the_traceback(story: Story) -> None:
    # the mended run removed the log of what it mended; the notebook of the loop shows that partial outputs are kept
    assert "still looping" in story.partial


def test_only_the_good_page_is_published(story: Story) -> None:
    assert [name for name in story.files if name.endswith(".html")] == [f"reports/fr/tiny/{OK}.html"]
    assert story.half_written == []


def test_a_loop_is_stopped_by_the_clock(story: Story) -> None:
    assert story.looped.returncode == 1
    assert story.looped_states[LOOPS] == "failed_timeout"
    assert "8 s" in story.looped.stdout


def test_no_process_is_left(story: Story) -> None:
    assert story.project.processes() == []
    assert story.project.leftovers() == []


# The same command runs what failed and leaves the rest; a refusal is an answer too, and what it was made from did not change.


def test_all_is_published_in_the_end(story: Story) -> None:
    assert story.mended.returncode == 0, story.mended.stdout + story.mended.stderr
    assert story.project.states() == {code: "refused" if code == REFUSES else "ok" for code in CODES[:8]}


def test_the_good_page_was_not_touched(story: Story) -> None:
    page = story.project.out / "reports" / "fr" / "tiny" / f"{OK}.html"
    assert (page.read_bytes(), page.stat().st_mtime_ns) == story.good


def test_attempts_are_counted(story: Story) -> None:
    attempts = {record.territory: record.attempts for record in story.project.records().values()}
    assert attempts == {code: {OK: 1, REFUSES: 1, DIES: 3}.get(code, 2) for code in CODES[:8]}, (
        "a kernel that died is tried again at once"
    )


def test_show_prints_the_contract(story: Story) -> None:
    shown = story.project.show()
    assert shown["run"] == "out"
    assert shown["counts"] == {"ok": 7, "refused": 1}
    assert all(set(task) == {"territory", "template", "lang", "state", "reason", "seconds"} for task in shown["tasks"])


# Names that would run in a browser or in a spreadsheet go through to the end, harmless.


@pytest.mark.parametrize("code", HOSTILE)
def test_pages_escape_them(story: Story, code: str) -> None:
    page = (story.project.out / "reports" / "fr" / "tiny" / f"{code}.html").read_text(encoding="utf-8")
    portfolio = (story.project.out / "index.html").read_text(encoding="utf-8")
    for text in (page, portfolio):
        assert "<script>alert" not in text
        assert SCRIPT_NAME not in text
        assert not re.search(r'href="http://x', text)
    assert "HYPERLINK" in page if code == CODES[1] else "&lt;script&gt;alert(1)" in page


def test_spreadsheets_do_not_run_them(story: Story) -> None:
    with (story.project.out / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    written = {row["territory"]: row["indicator"] for row in rows if row["kind"] == "statement"}
    assert written[CODES[1]] == "'" + FORMULA_NAME
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in "=@+" and cell]


def test_parquet_keeps_them(story: Story) -> None:
    frame = pd.read_parquet(story.project.out / "findings.parquet")
    assert FORMULA_NAME in set(frame["indicator"])
    assert set(frame["territory"]) == set(CODES[:8]) - {REFUSES}


def test_a_refusal_alone_is_no_failure(warehouse: Path, tmp_path: Path) -> None:
    project = Project(tmp_path, warehouse, [REFUSES]).write({"tiny": template(BODY)})
    done = project.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.states() == {REFUSES: "refused"}
    assert "1 report was refused" in done.stdout
    assert "Trop peu de ménages ici." in (project.out / "index.html").read_text(encoding="utf-8")


def test_a_parameter_that_no_template_has_is_refused_before_anything_runs(warehouse: Path, tmp_path: Path) -> None:
    project = Project(tmp_path, warehouse).write({"tiny": template(parameters="since = 2012")}, parameters={"sinse": 1})
    done = project.run()
    assert done.returncode == 2
    [line] = [n for n, text in enumerate(project.plan.read_text(encoding="utf-8").splitlines(), 1) if "sinse" in text]
    assert f"{project.plan}:{line}: EVK-TPL-005" in done.stderr + done.stdout
    assert "known: since @ $.templates[0].parameters.sinse" in done.stderr + done.stdout
    assert not project.out.exists()
