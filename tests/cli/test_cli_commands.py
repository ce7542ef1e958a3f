"""The commands, in process: what they print, and how they end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parent.parent / "e2e"))

from small_projects import CODES, Project, hostile_warehouse, template

from evalkit.batch import RunResult
from evalkit.cli.app import _asked_language, app
from evalkit.cli.running import finish
from evalkit.cli.speaking import plain, system_language
from evalkit.errors import EvalkitError
from evalkit.model.run import Task, TaskRecord
from evalkit.runs import Ledger, RunFolder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("cli")
    return Project(folder, hostile_warehouse(folder)).write({"tiny": template()})


def _invoke(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments))
    if isinstance(done.exception, EvalkitError):
        return done.exception.exit_code, done.stdout, done.exception.render("en")
    return done.exit_code, done.stdout, done.stderr


def _run(folder: Path, *records: TaskRecord) -> RunFolder:
    run = RunFolder(folder)
    with Ledger(run.ledger) as ledger:
        ledger.plan([Task(r.template, r.territory, r.lang, "k") for r in records])
        for record in records:
            ledger.finish(record)
    return run


class TestHelp:
    @pytest.mark.parametrize(
        "command",
        [
            "check",
            "plan",
            "run",
            "demo",
            "runs list",
            "runs show",
            "data list",
            "data add",
            "data status",
            "data check",
        ],
    )
    def test_every_command_has_an_example(self, command: str) -> None:
        code, out, _ = _invoke(*command.split(), "--help")
        assert code == 0
        assert f"Example: evalkit {command}" in " ".join(out.split())

    def test_wrong_option_is_usage(self) -> None:
        assert _invoke("run", "--wrong")[0] == 2
        assert _invoke("runs", "show", "x", "--ui-lang", "de")[0] == 2


class TestPlanCommands:
    def test_check(self, project: Project) -> None:
        code, out, _ = _invoke("check", str(project.plan), "--ui-lang", "fr")
        assert code == 0
        assert "2" in out

    def test_check_without_data(self, project: Project, tmp_path: Path) -> None:
        Project(tmp_path, tmp_path / "nothing").write({"tiny": template()})
        assert _invoke("check", str(tmp_path / "evaluation.yaml"))[0] in (0, 2)

    def test_tasks(self, project: Project) -> None:
        code, out, _ = _invoke("plan", str(project.plan))
        assert code == 0
        assert out.splitlines() == [f"fr\ttiny\t{code}" for code in CODES[:2]]

    def test_a_plan_that_is_not_there(self, tmp_path: Path) -> None:
        for command in ("check", "plan", "run"):
            code, _, error = _invoke(command, str(tmp_path / "no.yaml"))
            assert code == 2
            assert "Traceback" not in error

    def test_a_plan_with_errors_runs_nothing(self, project: Project, tmp_path: Path) -> None:
        bad = tmp_path / "evaluation.yaml"
        bad.write_text(project.plan.read_text(encoding="utf-8").replace("in_tp60", "in_tp6O"), encoding="utf-8")
        code, _, error = _invoke("run", str(bad), "--out", str(tmp_path / "out"))
        assert (code, "EVK-PLAN" in error) == (2, True)
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("place", ["taken", "file"])
    def test_a_place_that_is_not_a_run(self, project: Project, tmp_path: Path, place: str) -> None:
        (tmp_path / "taken").mkdir()
        (tmp_path / "taken" / "index.html").write_text("mine", encoding="utf-8")
        (tmp_path / "file").write_text("mine", encoding="utf-8")
        code, _, error = _invoke("run", str(project.plan), "--out", str(tmp_path / place))
        assert code == 2
        assert "EVK-RUN-00" in error
        assert (tmp_path / "taken" / "index.html").read_text(encoding="utf-8") == "mine"

    def test_a_folder_of_another_evaluation(self, project: Project, tmp_path: Path) -> None:
        with Ledger(RunFolder(tmp_path / "out").ledger) as ledger:
            ledger.set_meta("evaluation", "other")
        code, _, error = _invoke("run", str(project.plan), "--out", str(tmp_path / "out"))
        assert (code, "EVK-RUN-004" in error) == (2, True)


class TestRuns:
    RECORDS = (
        TaskRecord("t", "01004", "fr", "ok", seconds=1.5),
        TaskRecord("t", "2A004", "fr", "failed_cell", reason="a \x1b[31mcell", detail="private 4711"),
    )

    def test_show_json_is_the_contract(self, tmp_path: Path) -> None:
        run = _run(tmp_path / "r", *self.RECORDS)
        code, out, _ = _invoke("runs", "show", str(run.root), "--json")
        assert code == 0
        assert json.loads(out) == {
            "run": "r",
            "counts": {"failed_cell": 1, "ok": 1},
            "tasks": [
                {"territory": "01004", "template": "t", "lang": "fr", "state": "ok", "reason": "", "seconds": 1.5},
                {
                    "territory": "2A004",
                    "template": "t",
                    "lang": "fr",
                    "state": "failed_cell",
                    "reason": "a \x1b[31mcell",
                    "seconds": None,
                },
            ],
        }

    def test_show_text(self, tmp_path: Path) -> None:
        run = _run(tmp_path / "r", *self.RECORDS)
        code, out, _ = _invoke("runs", "show", str(run.root))
        assert code == 0
        assert "failed_cell  fr/t/2A004: a  [31mcell" in out
        assert "4711" not in out
        assert "\x1b" not in out

    def test_list_with_a_broken_one(self, tmp_path: Path) -> None:
        _run(tmp_path / "a", *self.RECORDS)
        broken = RunFolder(tmp_path / "b")
        broken.private.mkdir(parents=True)
        broken.ledger.write_text("<html>", encoding="utf-8")
        code, out, _ = _invoke("runs", "list", "--folder", str(tmp_path))
        assert code == 0
        assert "failed_cell=1 ok=1" in out
        assert "EVK-RUN-003" in out

    def test_show_what_is_not_a_run(self, tmp_path: Path) -> None:
        code, _, error = _invoke("runs", "show", str(tmp_path))
        assert (code, "EVK-RUN-001" in error) == (2, True)


class TestEnding:
    @pytest.mark.parametrize(
        ("states", "interrupted", "code"),
        [
            (["ok", "reused", "refused"], False, 0),
            (["ok", "failed_cell"], False, 1),
            (["ok", "cancelled"], False, 1),
            (["ok", "cancelled"], True, 130),
            (["ok", "planned"], False, 0),
        ],
    )
    def test_exit_codes(self, tmp_path: Path, states: list[str], interrupted: bool, code: int) -> None:
        records = [TaskRecord("t", str(n), "fr", state, reason="why") for n, state in enumerate(states)]  # type: ignore[arg-type]
        assert RunResult(RunFolder(tmp_path), records, [], interrupted).exit_code == code

    def test_causes_are_grouped(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        records = [TaskRecord("t", str(n), "fr", "failed_cell", reason="same") for n in range(3)]
        with pytest.raises(typer.Exit):
            finish(RunResult(RunFolder(tmp_path), records), "en")
        out = capsys.readouterr().out
        assert "3 reports failed" in out
        assert "3 × failed_cell: same" in out


class TestLanguage:
    def test_asked_on_the_command_line(self) -> None:
        assert _asked_language(["run", "x", "--ui-lang", "fr"]) == "fr"
        assert _asked_language(["run", "x", "--ui-lang=en"]) == "en"

    @pytest.mark.parametrize(("locale", "lang"), [("fr_FR.UTF-8", "fr"), ("C", "en"), ("de_DE", "en"), ("", "en")])
    def test_from_the_locale(self, monkeypatch: pytest.MonkeyPatch, locale: str, lang: str) -> None:
        for name in ("EVALKIT_UI_LANG", "LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LANG", locale)
        assert system_language() == lang

    def test_plain_keeps_french_spaces(self) -> None:
        assert plain("10\u202f000\u00a0: \x1b[2J\n") == "10\u202f000\u00a0:  [2J "
