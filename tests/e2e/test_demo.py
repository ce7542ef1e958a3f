"""The demo, whole, as `evalkit demo` runs it: fictitious on every page, and the truth out of reach."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from runs_samples import Run, check_page, evalkit, words

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
TEMPLATES = ("anru_outcomes", "ess_programme", "territory_portrait")
FICTITIOUS = re.compile(r"données fictives", re.IGNORECASE)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    evalkit("demo", "--territories", 12, "--out", folder / "run", "--workers", 2, timeout=800)
    return folder


@pytest.fixture(scope="module")
def run(project: Path) -> Run:
    return Run(project / "run")


def test_thirty_six_reports_and_all_is_well(run: Run) -> None:
    assert len(run.reports) == 36
    shown = json.loads(evalkit("runs", "show", run.root, "--json"))
    assert shown["counts"] == {"ok": 36}
    assert {task["template"] for task in shown["tasks"]} == set(TEMPLATES)
    assert len({task["territory"] for task in shown["tasks"]}) == 12


def test_every_page_says_that_the_data_are_fictitious(run: Run) -> None:
    for page in [*(path.read_text(encoding="utf-8") for path in run.reports), run.portfolio]:
        assert FICTITIOUS.search(words(page))


def test_every_page_carries_what_a_page_must(run: Run) -> None:
    for path in run.reports:
        check_page(path.read_text(encoding="utf-8"), path.stem)


def test_the_portfolio_lists_all(run: Run) -> None:
    listed = set(re.findall(r'href="(reports/[^"#]+\.html)"', run.portfolio))
    assert listed == {path.relative_to(run.root).as_posix() for path in run.reports}


def test_the_figures_of_the_portfolio_have_their_files(run: Run) -> None:
    linked = sorted(set(re.findall(r'href="(figures/[^"#]+)"', run.portfolio)))
    assert linked == [f"figures/fr/programme-effects.{ending}" for ending in ("csv", "json", "svg")]
    assert all((run.root / name).is_file() for name in linked)


def test_the_truth_is_aside_and_never_in_the_run(project: Path, run: Run) -> None:
    kept = [path for path in project.rglob("truth/*") if path.is_file()]
    assert kept, "the truth is kept for the tests"
    assert not [path for path in kept if run.root in path.parents]
    names = {path.name for path in kept}
    columns = {"true_effect", "effect", "att", "truth", "counterfactual"}
    for path in run.root.rglob("*"):
        assert path.name not in names
        if path.suffix in {".csv", ".json", ".html", ".ipynb"}:
            text = path.read_text(encoding="utf-8")
            assert "/truth" not in text
            if path.suffix == ".csv":
                assert not columns & set(text.splitlines()[0].lstrip("\ufeff").split(","))


def test_a_secret_cell_is_shown_as_secret(run: Run) -> None:
    pages = [path for path in run.reports if path.parent.name == "territory_portrait"]
    secret = []
    for path in pages:
        for figure in sorted((path.parent / path.stem).glob("trend-*.csv")):
            for row in run.rows("territory_portrait", path.stem, figure.stem):
                if row["status"] == "secret":
                    assert row["value"] == ""
                    secret.append(path)
    hidden = run.findings[run.findings["status"] == "secret"]
    assert secret or len(hidden), "the demo has secret cells"
    assert hidden["value"].isna().all()
    for path in {*secret, *(path for path in pages if path.stem in set(hidden["territory"]))}:
        assert re.search(r"\bsecret\b", words(path.read_text(encoding="utf-8")))


def test_an_interval_across_zero_is_never_judged(run: Run) -> None:
    judged = run.findings[
        run.findings["criterion"].notna() & run.findings["method"].isin(["before_after", "kaplan_meier"])
    ]
    crosses = judged[(judged["lower"] < 0) & (judged["upper"] > 0)]
    assert set(crosses["verdict"]) <= {"cannot_tell"}


def test_given_again_nothing_runs(project: Path, run: Run, tmp_path: Path) -> None:
    again = Run(shutil.copytree(project, tmp_path / "demo") / run.root.name)
    before = {path: path.stat().st_mtime_ns for path in again.reports}
    evalkit("demo", "--territories", 12, "--out", again.root, "--workers", 2, timeout=300)
    assert {path: path.stat().st_mtime_ns for path in again.reports} == before
