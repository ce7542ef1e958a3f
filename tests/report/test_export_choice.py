"""What is asked for: unknown names get the nearest ones, nothing is overwritten or half written, nothing private gets out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import export_samples as runs
import pytest

from evalkit.errors import EvalkitError
from evalkit.model.run import TaskRecord
from evalkit.report import ReportRenderer
from evalkit.report.exports import FORMATS, Asked, export_run
from evalkit.report.exports.choice import Choice, choose
from evalkit.report.exports.writing import new_folder
from evalkit.runs import RunFolder

OFFLINE = [name for name in FORMATS if name != "pdf"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, renderer: ReportRenderer) -> RunFolder:
    return runs.make_run(tmp_path_factory.mktemp("choice"), renderer)


def refused(run: RunFolder, out: Path, asked: Asked | None = None, format="csv") -> str:
    with pytest.raises(EvalkitError) as caught:
        export_run(run, format, out, asked)
    assert caught.value.exit_code == 2
    return caught.value.render("en")


@pytest.mark.parametrize("format", OFFLINE)
def test_no_hidden_value_gets_out(run, tmp_path, format):
    assert runs.HIDDEN.encode() in runs.every_byte(run.private)
    content = runs.every_byte(export_run(run, format, tmp_path / "out").out)
    assert runs.HIDDEN.encode() not in content
    assert runs.HIDDEN.replace(".", ",").encode() not in content
    assert b"Traceback" not in content
    assert b"ledger" not in content


class TestRefusals:
    def test_unknown_run(self, tmp_path):
        assert "EVK-RUN-001" in refused(RunFolder(tmp_path / "none"), tmp_path / "x.csv")

    @pytest.mark.parametrize(
        ("asked", "first"),
        [("01005", "01004 (Ambérieu-en-Bugey)"), ("mosson", "QP034005 (Mosson)"), ("2a004", "2A004 (")],
    )
    def test_unknown_territory_with_the_nearest(self, run, tmp_path, asked, first):
        said = refused(run, tmp_path / "x.csv", Asked((asked,)))
        assert f"EVK-RUN-111 the run has no territory {asked}: the nearest: {first}" in said

    def test_unknown_template_and_language(self, run, tmp_path):
        assert "anru_outcomes, territory_portrait" in refused(run, tmp_path / "x", Asked(templates=("anru",)))
        assert "the run has en, fr" in refused(run, tmp_path / "x", Asked(languages=("de",)))

    def test_a_territory_without_a_report(self, run, tmp_path):
        assert "EVK-RUN-110" in refused(run, tmp_path / "x.csv", Asked((runs.FAILED,)))

    def test_a_run_that_has_not_ended(self, tmp_path, renderer):
        unfinished = runs.make_run(tmp_path, renderer)
        unfinished.manifest.unlink()
        assert "EVK-RUN-113" in refused(unfinished, tmp_path / "x.csv")

    @pytest.mark.parametrize("format", OFFLINE)
    def test_nothing_is_overwritten(self, run, tmp_path, format):
        out = tmp_path / "mine"
        out.write_text("mine")
        assert "EVK-RUN-114" in refused(run, out, format=format)
        assert out.read_text() == "mine"

    def test_not_into_the_run(self, run, tmp_path):
        assert "EVK-RUN-116" in refused(run, run.root / "reports" / "x.csv")
        assert not (run.root / "reports" / "x.csv").exists()

    @pytest.mark.parametrize("format", ["docx", "odt", "pdf"])
    def test_one_file_for_many_documents(self, run, tmp_path, format):
        said = refused(run, tmp_path / f"all.{format}", format=format)
        assert "EVK-RUN-117" in said
        assert "3 documents" in said

    @pytest.mark.parametrize("format", OFFLINE)
    def test_a_place_that_cannot_be_written(self, run, tmp_path, format):
        (tmp_path / "file").write_text("x")
        assert "EVK-RUN-115" in refused(run, tmp_path / "file" / "out", format=format)
        assert [path.name for path in tmp_path.iterdir()] == ["file"]


class _Counted(tuple[TaskRecord, ...]):
    """Records that count how often they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[TaskRecord]:
        self.times += 1
        return super().__iter__()


class TestByTerritory:
    def _choice(self, run: RunFolder, territories: int) -> Choice:
        codes = [f"QP{number:06d}" for number in range(territories)]
        records = [
            TaskRecord(name, code, lang, "ok") for lang in ("en", "fr") for name in runs.TEMPLATES for code in codes
        ]
        return replace(choose(run, Asked()), records=_Counted(records[1:]))

    def test_languages_of_the_plan_then_codes(self, run):
        found = self._choice(run, 3).by_territory()
        assert list(found) == [(lang, f"QP00000{number}") for lang in ("fr", "en") for number in range(3)]
        assert [r.template for r in found["fr", "QP000000"]] == list(runs.TEMPLATES)
        assert [r.template for r in found["en", "QP000000"]] == [runs.TEMPLATES[1]]

    def test_records_are_gone_through_as_often_for_many_as_for_few(self, run):
        few, many = self._choice(run, 3), self._choice(run, 300)
        for choice in (few, many):
            choice.by_territory()
            choice.first_language()
        assert few.records.times == many.records.times


def test_a_folder_of_documents_takes_its_place_whole(run, tmp_path):
    done = export_run(run, "docx", tmp_path / "notes", Asked(languages=("fr", "en")))
    assert done.files == 6
    assert sorted(p.name for p in done.out.iterdir()) == sorted(
        f"{c}.{lang}.docx" for c in runs.NAMES for lang in ("fr", "en")
    )
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_a_failure_leaves_nothing(tmp_path):
    def fill() -> None:
        with new_folder(tmp_path / "out") as draft:
            (draft / "half").write_text("x")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fill()
    assert list(tmp_path.iterdir()) == []


def test_absent_reports_are_said(run, tmp_path):
    done = export_run(run, "csv", tmp_path / "x.csv")
    assert [p.render("fr") for p in done.problems] == [
        "EVK-RUN-122 aucun rapport publié pour QP066001\u00a0: `evalkit runs show RUN` dit pourquoi\u00a0; les autres sont exportés"
    ]
