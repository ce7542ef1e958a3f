"""Commands that look after machines and runs: doctor, init, prune, verify, diff, and the estimate before a run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evalkit.batch.estimate import DEFAULT_SECONDS, estimate
from evalkit.cli.app import app
from evalkit.cli.checking import checks
from evalkit.model.finding import FINDING_COLUMNS
from evalkit.model.run import Task, TaskRecord
from evalkit.plan import check_plan
from evalkit.runs import Ledger, Manifest, RunFolder, write_findings, write_manifest
from evalkit.runs.pruning import plan_pruning, prune

PAGE = """<!doctype html>
<html lang="fr"><head><meta name="evalkit:territory" content="{code}"><meta name="evalkit:template" content="t"></head><body>
<p class="volatile" data-volatile>Run {run}</p>
</body></html>
"""


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments])


def finding(code: str, run: str, **values: Any) -> dict[str, Any]:
    plain = {
        "territory": code,
        "template": "t",
        "lang": "fr",
        "indicator": "in_tp60",
        "breakdown": "none",
        "kind": "observation",
    }
    told = {
        "run": run,
        "origin_run": run,
        "period": "2019",
        "source": "insee_qpv_income",
        "vintage": "2019",
        "method": "published",
    }
    return {**dict.fromkeys(FINDING_COLUMNS), **plain, **told, "status": "published", "value": 40.0, **values}


def make_run(
    folder: Path, *, started: str, evaluation: str = "petit", codes: tuple[str, ...] = ("A", "B"), seconds: float = 2.0
) -> RunFolder:
    """Make a run of two reports by hand."""
    run = RunFolder(folder)
    with Ledger(run.ledger) as ledger:
        ledger.set_meta("evaluation", evaluation)
        ledger.set_meta("started", started)
        for code in codes:
            task = Task("t", code, "fr", "k")
            files = {
                run.report(task): PAGE.format(code=code, run=run.run_id),
                run.figures(task) / "a.csv": "1,2",
                run.findings_of(task): json.dumps([finding(code, run.run_id)]),
            }
            for path, text in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            outputs = {str(p.relative_to(folder)): hashlib.sha256(t.encode()).hexdigest() for p, t in files.items()}
            ledger.plan([task])
            ledger.finish(TaskRecord("t", code, "fr", "ok", "k", seconds=seconds, outputs=outputs))
    return run


def conclude(run: RunFolder, rows: list[dict[str, Any]], *, file: str = "f1", template: str = "t1") -> None:
    data = [{"dataset": "insee_qpv_income", "vintage": "2019", "current": True, "files": [["a.csv", file]]}]
    manifest = Manifest(
        run.run_id, "petit", "p", 1, "", "", "0.1", None, None, {}, {"t": template}, data, {}, synthetic=False
    )
    write_findings(run, rows)
    write_manifest(run, manifest)


class TestDoctor:
    def test_every_line_says_what_was_found(self, tmp_path: Path) -> None:
        found = {check.name: check for check in checks(tmp_path / "runs")}
        assert found["python"].ok
        assert found["kernel"].ok, found["kernel"].found
        assert found["writable"].ok
        assert all(check.ok or check.fix is not None for check in found.values())
        assert not (tmp_path / "runs").exists()

    def test_json_and_exit_code(self, tmp_path: Path) -> None:
        done = invoke("doctor", "--runs", str(tmp_path), "--json", "--ui-lang", "en")
        told = json.loads(done.output)
        assert done.exit_code == int(not told["ok"])
        assert {"python", "memory", "disk", "sqlite", "browser", "fonts", "locale"} <= {
            row["name"] for row in told["checks"]
        }

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")  # not even root makes a folder below a file
        done = invoke("doctor", "--runs", str(tmp_path / "file" / "runs"), "--ui-lang", "fr")
        assert done.exit_code == 1
        assert re.search(r"Droit d’écriture +MANQUE", done.output)

    def test_what_is_needed_and_lacking_fails_with_the_fix(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("evalkit.cli.checking._SQLITE", (99, 0, 0))
        done = invoke("doctor", "--runs", str(tmp_path), "--ui-lang", "fr")
        assert done.exit_code == 1
        assert "MANQUE" in done.output
        assert "installez un Python plus récent" in done.output

    def test_what_is_optional_and_lacking_does_not(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EVALKIT_CHROMIUM", str(tmp_path / "none"))
        done = invoke("doctor", "--runs", str(tmp_path), "--ui-lang", "en")
        assert done.exit_code == 0, done.output
        assert "lacking, optional" in done.output


class TestInit:
    @pytest.mark.parametrize("kind", ["anru", "contrat_de_ville", "ess"])
    def test_the_plan_is_well_formed(self, tmp_path: Path, kind: str) -> None:
        folder = tmp_path / "neuf"
        done = invoke("init", str(folder), "--for", kind, "--ui-lang", "fr")
        assert done.exit_code == 0, done.output
        assert {path.name for path in folder.iterdir()} == {
            "donnees",
            "templates",
            "runs",
            "evaluation.yaml",
            "README.md",
            ".gitignore",
        }
        plan, problems = check_plan(folder / "evaluation.yaml", None)
        assert plan is not None
        assert problems == []
        assert plan.programme.kind == kind

    def test_nothing_is_overwritten(self, tmp_path: Path) -> None:
        (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
        done = invoke("init", str(tmp_path))
        assert done.exit_code != 0
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


class TestPrune:
    @pytest.fixture
    def runs(self, tmp_path: Path) -> Path:
        for number in range(1, 5):
            make_run(tmp_path / "runs" / f"r{number}", started=f"2026-01-0{number}T00:00:00+00:00")
        make_run(tmp_path / "runs" / "other", started="2025-01-01T00:00:00+00:00", evaluation="autre")
        return tmp_path / "runs"

    def test_the_newest_of_each_evaluation_stay(self, runs: Path) -> None:
        assert {kept.folder.run_id for kept in plan_pruning(runs, 2) if kept.goes} == {"r1", "r2"}
        done = invoke("runs", "prune", str(runs), "--keep", "2", "--ui-lang", "en")
        assert done.exit_code == 0
        assert "2 runs removed" in done.output
        assert {path.name for path in runs.iterdir()} == {"r3", "r4", "other"}

    def test_a_dry_run_removes_nothing(self, runs: Path) -> None:
        done = invoke("runs", "prune", str(runs), "--keep", "1", "--dry-run", "--ui-lang", "en")
        assert "3 runs would go" in done.output
        assert len(list(runs.iterdir())) == 5

    def test_a_run_in_use_stays(self, runs: Path) -> None:
        with RunFolder(runs / "r1").locked():
            assert {kept.folder.run_id: kept.reason for kept in plan_pruning(runs, 1)}["r1"] == "in_use"

    def test_a_folder_that_is_no_run_and_a_broken_ledger_stay(self, runs: Path) -> None:
        (runs / "notes").mkdir()
        (runs / "r1" / "private" / "ledger.sqlite").write_bytes(
            b"not a database, but long enough to be read as one" * 40
        )
        prune(plan_pruning(runs, 1))
        assert {path.name for path in runs.iterdir()} == {"notes", "r1", "r4", "other"}

    def test_files_that_another_run_shares_free_nothing(self, runs: Path) -> None:
        shared = runs / "r4" / "big"
        shared.write_bytes(b"x" * 100_000)
        os.link(shared, runs / "r1" / "big")
        os.link(runs / "r2" / "private" / "ledger.sqlite", runs / "r1" / "copy")
        sizes = {kept.folder.run_id: kept.size for kept in plan_pruning(runs, 2)}
        assert 0 < sizes["r1"] < 100_000
        prune(plan_pruning(runs, 2))
        assert shared.stat().st_size == 100_000


class TestVerify:
    @pytest.fixture
    def run(self, tmp_path: Path) -> RunFolder:
        return make_run(tmp_path / "run", started="2026-01-01")

    def test_all_as_published(self, run: RunFolder) -> None:
        done = invoke("runs", "verify", str(run.root), "--ui-lang", "en")
        assert done.exit_code == 0
        assert "2 reports checked, 6 files" in done.output

    @pytest.mark.parametrize(
        ("name", "change", "what"),
        [
            (
                "reports/fr/t/A.html",
                lambda p: p.write_text("forged", encoding="utf-8"),
                "its bytes are not those published",
            ),
            ("reports/fr/t/A.html", lambda p: shutil.copy(p.with_name("B.html"), p), "another territory"),
            ("reports/fr/t/A/a.csv", lambda p: p.unlink(), "the file is not there"),
            ("reports/fr/t/C.html", lambda p: p.write_text("x", encoding="utf-8"), "no task of the ledger"),
            (
                "private/findings/fr/t/A.json",
                lambda p: shutil.copy(p.with_name("B.json"), p),
                "a finding speaks of another",
            ),
            ("reports/fr/t/A.html", lambda p: p.write_text("forged", encoding="utf-8"), "one marked line"),
        ],
    )
    def test_each_fault_is_named(self, run: RunFolder, name: str, change: Any, what: str) -> None:
        change(run.root / name)
        done = invoke("runs", "verify", str(run.root), "--json", "--ui-lang", "en")
        assert done.exit_code == 1
        faults = json.loads(done.output)["faults"]
        assert any(what in fault["what"] and fault["file"] == name for fault in faults), faults


class TestDiff:
    @pytest.mark.parametrize(
        ("change", "more", "kind", "code"),
        [
            ({}, {"file": "f2"}, "unchanged", 0),
            ({"value": 41.0}, {"file": "f2"}, "revised", 0),
            ({"value": 41.0, "vintage": "2020"}, {}, "revised", 0),
            ({"value": 41.0}, {"template": "t2"}, "method", 0),
            ({"value": 41.0}, {"file": "f2", "template": "t2"}, "revised_and_method", 0),
            ({"value": None, "status": "secret"}, {"file": "f2"}, "revised", 0),
            ({"verdict": "met"}, {}, "status", 0),
            ({"value": 41.0}, {}, "unexplained", 1),
        ],
    )
    def test_the_class_says_what_can_be_proved(
        self, tmp_path: Path, change: dict[str, Any], more: dict[str, Any], kind: str, code: int
    ) -> None:
        first, second = (make_run(tmp_path / name, started=name) for name in ("one", "two"))
        conclude(first, [finding("A", "one")])
        conclude(second, [finding("A", "two", **change)], **more)
        done = invoke("runs", "diff", str(first.root), str(second.root), "--json", "--ui-lang", "en")
        assert json.loads(done.output)["counts"] == {kind: 1}
        assert done.exit_code == code

    def test_new_and_dropped_and_a_page(self, tmp_path: Path) -> None:
        first, second = (make_run(tmp_path / name, started=name) for name in ("one", "two"))
        conclude(first, [finding("A", "one"), finding("<b>", "one")])
        conclude(second, [finding("A", "two"), finding("C", "two")])
        page = tmp_path / "page.html"
        done = invoke("runs", "diff", str(first.root), str(second.root), "--html", str(page), "--ui-lang", "fr")
        assert done.exit_code == 0
        assert "1 nouveau" in done.output
        text = page.read_text(encoding="utf-8")
        assert "&lt;b&gt;" in text
        assert "disparu" in text


class TestEstimate:
    def test_the_median_of_this_run_then_of_the_last_one_then_the_default(self, tmp_path: Path) -> None:
        make_run(tmp_path / "old", started="2026-01-01", seconds=9.0)
        make_run(tmp_path / "last", started="2026-01-02", seconds=5.0)
        options: dict[str, Any] = {"workers": 2, "size": 3_000_000, "kernel": "warm"}
        told = estimate(RunFolder(tmp_path / "next"), "petit", 10, **options)
        assert (told.seconds_each, told.told_by, told.seconds) == (5.0, "last", 25.0)
        assert estimate(RunFolder(tmp_path / "old"), "petit", 10, **options).seconds_each == 9.0
        unknown = estimate(RunFolder(tmp_path / "next"), "grand", 10, **options)
        assert (unknown.seconds_each, unknown.told_by) == (DEFAULT_SECONDS["warm"], None)
        assert (
            unknown.sentence.render("en")
            == "10 reports to make: about 3 MB and 1 min with 2 at once (1.0 s each, a stated default)"
        )
