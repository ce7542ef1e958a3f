"""The archive and the research object: the published pages, whole or in part, their provenance, and nothing that is private."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import export_samples as runs
import pytest

from evalkit.report import ReportRenderer
from evalkit.report.exports import Asked, export_run, site
from evalkit.report.exports.crate import PROFILE, SPECIFICATION, risky_line
from evalkit.runs import RunFolder
from evalkit.runs.files import write_atomic


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, renderer: ReportRenderer) -> RunFolder:
    return runs.make_run(tmp_path_factory.mktemp("sites"), renderer)


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def links(text: str) -> set[str]:
    """The links of a page that stay on this machine, without their anchors."""
    found = re.findall(r'(?:href|src)="([^"#]+)', text)
    return {link for link in found if not re.match(r"[a-z]+:", link)}


class TestZip:
    def test_a_whole_run_is_all_that_is_published(self, run, tmp_path):
        out = export_run(run, "zip", tmp_path / "run.zip").out
        published = {p.relative_to(run.root).as_posix() for p in run.root.rglob("*") if p.is_file()}
        assert names(out) == {name for name in published if not name.startswith("private/")}
        with zipfile.ZipFile(out) as archive:
            assert all(archive.read(name) == (run.root / name).read_bytes() for name in archive.namelist())

    def test_what_the_ledger_does_not_call_published_stays_out(self, run, tmp_path, renderer):
        other = runs.make_run(tmp_path, renderer)
        stray = other.root / "reports" / "fr" / "territory_portrait" / f"{runs.FAILED}.html"
        write_atomic(stray, b"withheld")
        (other.root / "link.html").symlink_to(other.ledger)
        (other.root / ".draft").write_text("half")
        found = names(export_run(other, "zip", tmp_path / "run.zip").out)
        assert found == names(export_run(run, "zip", tmp_path / "plain.zip").out)

    def test_a_part_has_only_its_territory(self, run, tmp_path):
        out = export_run(run, "zip", tmp_path / "part.zip", Asked(("01004",))).out
        found = names(out)
        pages = {name for name in found if name.startswith("reports/") and name.endswith(".html")}
        assert pages == {
            f"reports/{lang}/{template}/01004.html" for lang in ("fr", "en") for template in runs.TEMPLATES
        }
        assert not any("QP034005" in name or "2A004" in name for name in found)
        with zipfile.ZipFile(out) as archive:
            index = archive.read("index.html").decode()
            rows = archive.read("findings.csv").decode("utf-8-sig")
        assert "Mosson" not in index
        assert "QP034005" not in rows
        assert "01004" in rows
        assert "Ambérieu-en-Bugey" in index
        assert "on ne peut conclure" in index
        assert "médiane" not in index, "one territory has no middle half to stand in"

    def test_every_link_of_a_part_leads_somewhere(self, run, tmp_path):
        out = export_run(run, "zip", tmp_path / "part.zip", Asked(("01004", "QP034005"))).out
        folder = tmp_path / "open"
        with zipfile.ZipFile(out) as archive:
            archive.extractall(folder)
        for page in folder.rglob("*.html"):
            text = page.read_text(encoding="utf-8")
            broken = {link for link in links(text) if not (page.parent / link).exists()}
            assert broken == set(), page.name

    def test_many_territories_have_their_values(self, run, monkeypatch, tmp_path):
        monkeypatch.setattr(site, "_ENOUGH", 2)
        out = export_run(run, "zip", tmp_path / "part.zip", Asked(("01004", "QP034005"))).out
        with zipfile.ZipFile(out) as archive:
            assert "57,8" in archive.read("index.html").decode()

    def test_a_failed_report_of_a_part_is_listed_with_its_cause(self, run, tmp_path):
        done = export_run(run, "zip", tmp_path / "part.zip", Asked(("01004", runs.FAILED)))
        assert [problem.code.id for problem in done.problems] == ["EVK-RUN-122"]
        with zipfile.ZipFile(done.out) as archive:
            assert "Un calcul a échoué." in archive.read("index.html").decode()

    def test_a_part_in_the_second_language_begins_at_index_too(self, run, tmp_path):
        out = export_run(run, "zip", tmp_path / "part.zip", Asked(("01004",), languages=("en",))).out
        with zipfile.ZipFile(out) as archive:
            assert archive.read("index.html") == archive.read("index.en.html")
            assert b'<html lang="en"' in archive.read("index.html")
            assert not any(name.startswith("reports/fr/") for name in archive.namelist())

    def test_equal_runs_give_equal_bytes(self, run, tmp_path):
        asked = Asked(("01004",))
        assert export_run(run, "zip", tmp_path / "a.zip", asked).out.read_bytes() == (
            export_run(run, "zip", tmp_path / "b.zip", asked).out.read_bytes()
        )


def metadata(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    content = json.loads((folder / "ro-crate-metadata.json").read_text(encoding="utf-8"))
    return content, {entity["@id"]: entity for entity in content["@graph"]}


def references(value: Any) -> list[str]:
    """Every entity that a value points to."""
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else [r for part in value.values() for r in references(part)]
    return [r for part in value for r in references(part)] if isinstance(value, list) else []


@pytest.fixture(scope="module")
def crate(run, tmp_path_factory) -> Path:
    return export_run(run, "ro-crate", tmp_path_factory.mktemp("crate") / "crate").out


class TestCrate:
    def test_the_required_properties_of_ro_crate(self, crate):
        content, entities = metadata(crate)
        assert content["@context"] == "https://w3id.org/ro/crate/1.1/context"
        assert len(entities) == len(content["@graph"]), "an id occurs twice"
        assert all("@type" in entity for entity in content["@graph"])
        descriptor = entities["ro-crate-metadata.json"]
        assert descriptor["@type"] == "CreativeWork"
        assert descriptor["conformsTo"] == {"@id": SPECIFICATION}
        assert descriptor["about"] == {"@id": "./"}
        root = entities["./"]
        assert root["@type"] == "Dataset"
        assert all(root[name] for name in ("name", "description", "license", "publisher", "author", "identifier"))
        assert datetime.datetime.fromisoformat(root["datePublished"]) == runs.when()

    def test_every_reference_is_described(self, crate):
        content, entities = metadata(crate)
        lost = {r for entity in content["@graph"] for r in references({k: v for k, v in entity.items() if k != "@id"})}
        outside = {r for r in lost - set(entities) if not r.startswith(("https://w3id.org/", "http://schema.org/"))}
        assert outside == set()

    def test_every_file_is_described_and_as_described(self, crate):
        _, entities = metadata(crate)
        parts = {part["@id"] for part in entities["./"]["hasPart"]}
        packed = {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()} - {"ro-crate-metadata.json"}
        assert {
            name
            for name in packed
            if name not in parts and not name.startswith(tuple(p for p in parts if p.endswith("/")))
        } == set()
        for name in parts:
            entity = entities[name]
            if name.endswith("/"):
                assert (crate / name).is_dir()
                assert entity["@type"] == "Dataset"
            else:
                content = (crate / name).read_bytes()
                assert "File" in entity["@type"]
                assert entity["sha256"] == hashlib.sha256(content).hexdigest()
                assert entity["contentSize"] == str(len(content))
                assert entity["encodingFormat"]

    def test_the_run_is_a_process_with_its_inputs_and_results(self, crate):
        _, entities = metadata(crate)
        assert entities["./"]["conformsTo"] == {"@id": PROFILE}
        assert entities["./"]["mentions"] == {"@id": "#run"}
        action = entities["#run"]
        assert action["@type"] == "CreateAction"
        assert entities[action["instrument"]["@id"]]["softwareVersion"] == "0.1.0"
        assert (action["startTime"], action["endTime"]) == ("2026-03-01T10:12:00+00:00", runs.FINISHED)
        used = {item["@id"] for item in action["object"]}
        assert {
            "plan/evaluation.yaml",
            "templates/anru_outcomes.ipynb",
            "#data-insee_qpv_income-a1",
            "#seed",
        } == used - {"templates/territory_portrait.ipynb"}
        assert {"index.html", "findings.parquet", "reports/fr/anru_outcomes/01004.html"} <= {
            r["@id"] for r in action["result"]
        }
        assert entities["#data-insee_qpv_income-a1"]["identifier"] == [f"qpv-2020.csv sha256:{'ab12' * 16}"]
        assert entities["#package-pandas"]["softwareVersion"] == "3.1.1"

    def test_territories_and_nobody_else_are_named(self, crate):
        content, entities = metadata(crate)
        assert entities["#territory-01004"]["identifier"] == "01004"
        assert entities["reports/fr/anru_outcomes/01004.html"]["about"] == {"@id": "#territory-01004"}
        assert "Person" not in {entity["@type"] for entity in content["@graph"] if isinstance(entity["@type"], str)}
        assert entities["#publisher"]["name"] == "Essais"

    def test_it_can_be_an_archive(self, run, crate, tmp_path):
        out = export_run(run, "ro-crate", tmp_path / "crate.zip").out
        assert names(out) == {p.relative_to(crate).as_posix() for p in crate.rglob("*") if p.is_file()}

    def test_a_plan_with_a_password_and_a_template_with_results_stay_out(self, tmp_path, renderer):
        run = runs.make_run(tmp_path, renderer)
        write_atomic(run.plan_copy("evaluation.yaml"), (runs.PLAN + "# password: hunter2\n").encode())
        write_atomic(run.plan_copy("templates/anru_outcomes.ipynb"), b'{"cells": [{\n"output_type": "stream"}]}')
        done = export_run(run, "ro-crate", tmp_path / "crate")
        assert [(p.code.id, p.values["name"]) for p in done.problems if p.code.id == "EVK-RUN-121"] == [
            ("EVK-RUN-121", "plan/evaluation.yaml"),
            ("EVK-RUN-121", "templates/anru_outcomes.ipynb"),
        ]
        assert b"hunter2" not in runs.every_byte(done.out)
        assert not (done.out / "templates" / "anru_outcomes.ipynb").exists()
        assert (done.out / "templates" / "territory_portrait.ipynb").exists()


@pytest.mark.parametrize(
    "line",
    ["password: x1", 'api_key = "abc"', '"secret_access_key": "abc"', "mot de passe : abc", "s3://me:pw@host/x", "token: abc",
     "key AKIAABCDEFGHIJKLMNOP", "-----BEGIN RSA PRIVATE KEY-----"],
)  # fmt: skip
def test_what_looks_like_a_secret(line):
    assert risky_line("plan/evaluation.yaml", f"a: 1\n{line}\n".encode()) == 2


@pytest.mark.parametrize(
    "line", ["status: secret", "# le secret statistique", "url: https://example.org/a:b@c", "key: ho_social"]
)
def test_what_does_not(line):
    assert risky_line("plan/evaluation.yaml", line.encode()) is None
