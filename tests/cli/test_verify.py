"""`evalkit verify`: the table, its JSON, and how it ends."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import evalkit.verify.checking
from evalkit.cli.app import app
from evalkit.errors import UsageError
from evalkit.verify import cases, verification_table


def invoke(*arguments: str):
    return CliRunner().invoke(app, ["verify", *arguments])


def test_the_table_has_its_head_its_rows_and_the_summary():
    done = invoke("--ui-lang", "en")
    lines = done.stdout.splitlines()
    assert done.exit_code == 0
    assert lines[0].split("\t") == [
        "case", "what", "as published", "obtained", "digits", "tolerance", "verdict", "reason", "source",
    ]  # fmt: skip
    shipped = [line.split("\t") for line in lines if line.startswith("bcg\t")]
    assert ["bcg", "REML: estimate", "-0.7145", "-0.71453", "4/4", "5e-05", "met"] in [row[:7] for row in shipped]
    assert any("published figures reproduced with evalkit" in line for line in lines)
    assert lines[-1].endswith("are not covered")


def test_the_table_in_french():
    done = invoke("--ui-lang", "fr")
    assert done.exit_code == 0
    assert "chiffres publiés sur" in done.stdout
    assert "evalkit ne propose pas cette méthode" in done.stdout


def test_json_is_the_same_table():
    done = invoke("--json", "--ui-lang", "en")
    found = json.loads(done.stdout)
    rows = verification_table()
    assert found["summary"]["failed"] == 0
    assert len(found["rows"]) == len(rows)
    assert {row["case"] for row in found["rows"]} == {case.id for case in cases() if case.shipped}
    first = found["rows"][0]
    assert (first["state"], first["digits"], first["printed"]) == ("passed", 4, 4)


def test_a_terminal_gets_one_block_for_each_case(monkeypatch):
    monkeypatch.setattr("evalkit.cli.verify.is_terminal", lambda: True)
    done = invoke("--ui-lang", "en")
    assert done.exit_code == 0
    assert "Remission of acute leukaemia" in done.stdout


@pytest.mark.parametrize("terminal", [False, True])
def test_a_figure_that_is_not_met_ends_with_1(monkeypatch, terminal):
    rows = (replace(verification_table()[0], state="failed"), *verification_table()[1:])
    monkeypatch.setattr(evalkit.verify.checking, "_shipped", lambda: rows)
    monkeypatch.setattr("evalkit.cli.verify.is_terminal", lambda: terminal)
    done = invoke("--ui-lang", "en")
    assert done.exit_code == 1
    assert "NOT MET" in done.stdout


def test_a_folder_without_cases_is_refused(tmp_path):
    done = invoke("--reference", str(tmp_path))
    assert isinstance(done.exception, UsageError)
    assert done.exception.exit_code == 2
    assert "aucun cas publié" in done.exception.render("fr")
