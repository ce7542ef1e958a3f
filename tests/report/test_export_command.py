"""`evalkit export` as a user gives it: what it prints, how it ends."""

from __future__ import annotations

from pathlib import Path

import export_samples as runs
import pytest
from typer.testing import CliRunner

from evalkit.cli.app import app
from evalkit.cli.export import ExportFormat
from evalkit.errors import EvalkitError
from evalkit.report import ReportRenderer
from evalkit.report.exports import FORMATS
from evalkit.runs import RunFolder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, renderer: ReportRenderer) -> RunFolder:
    return runs.make_run(tmp_path_factory.mktemp("command"), renderer)


def invoke(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["export", *map(str, arguments), "--ui-lang", "en"])
    if isinstance(done.exception, EvalkitError):
        return done.exception.exit_code, done.stdout, done.exception.render("en")
    return done.exit_code, done.stdout, done.stderr


def test_the_formats_of_the_command_are_those_of_the_room():
    assert tuple(item.value for item in ExportFormat) == FORMATS


def test_it_says_what_was_written_and_what_is_absent(run, tmp_path):
    out = tmp_path / "x.csv"
    code, said, warned = invoke(run.root, "--format", "csv", "--out", out)
    assert (code, said.strip()) == (0, f"1 file written: {out}")
    assert warned.startswith("EVK-RUN-122 no published report of QP066001")
    assert out.is_file()


def test_options_are_repeated_and_combined(run, tmp_path):
    out = tmp_path / "notes"
    chosen = (
        "--territory",
        "01004",
        "--territory",
        "QP034005",
        "--lang",
        "fr",
        "--lang",
        "en",
        "--template",
        "anru_outcomes",
    )
    code, said, _ = invoke(run.root, "--format", "odt", *chosen, "--out", out)
    assert (code, said.strip()) == (0, f"4 files written: {out}")
    assert sorted(path.name for path in out.iterdir()) == [
        "01004.en.odt",
        "01004.fr.odt",
        "QP034005.en.odt",
        "QP034005.fr.odt",
    ]


def test_drafts_change_nothing_without_a_review_and_it_says_so(run, tmp_path):
    with_drafts, without = tmp_path / "a.csv", tmp_path / "b.csv"
    code, _, warned = invoke(run.root, "--format", "csv", "--drafts", "--out", with_drafts)
    assert code == 0
    assert "--drafts changes nothing" in warned
    assert invoke(run.root, "--format", "csv", "--out", without)[0] == 0
    assert with_drafts.read_bytes() == without.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--format", "pptx", "--out", "x"), "pptx"),
        (("--format", "csv"), "--out"),
        (("--format", "csv", "--territory", "999", "--out", "x.csv"), "EVK-RUN-111"),
    ],
)
def test_refusals_end_with_2(run, arguments, text):
    code, _, said = invoke(run.root, *arguments)
    assert code == 2
    assert text in said
    assert not Path("x.csv").exists()
