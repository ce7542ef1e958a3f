"""Findings as Parquet and CSV, and the manifest."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.errors import RunError
from evalkit.model.finding import FINDING_COLUMNS, Finding
from evalkit.model.run import TaskRecord
from evalkit.runs import (
    Manifest,
    RunFolder,
    gather_findings,
    read_findings,
    read_manifest,
    write_findings,
    write_manifest,
)
from evalkit.runs.findings import check_findings, write_task_findings

CONTRACT = [
    *("run", "origin_run", "template", "lang", "territory", "level", "geography", "indicator", "breakdown", "question"),
    *("criterion", "role", "kind", "period", "value", "se", "lower", "upper", "confidence", "unit", "n", "method"),
    *("comparator", "comparator_value", "verdict", "grade", "data_quality", "status", "limits", "source", "vintage"),
    "note",
]


def row(**values: Any) -> dict[str, Any]:
    """One finding as a dict; the values given replace the usual ones."""
    made = Finding(
        run="r", origin_run="r", template="t", lang="fr", territory="01004", level="commune", geography="2021",
        indicator="in_tp60", breakdown="none", question=None, criterion=None, role="primary", kind="observation",
        period="2020", value=-1.5, se=None, lower=-2.0, upper=3, confidence=0.95, unit="percent", n=12, method="wilson",
        comparator=None, comparator_value=None, verdict=None, grade=None, data_quality="A", status="published",
        limits="", source="s", vintage="v", note="",
    )  # fmt: skip
    return {**asdict(made), **values}


def _csv(folder: RunFolder) -> list[dict[str, str]]:
    with (folder.root / "findings.csv").open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


class TestTables:
    def test_columns_are_the_contract(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        write_findings(folder, [row()])
        assert list(FINDING_COLUMNS) == CONTRACT
        assert list(read_findings(folder).columns) == CONTRACT
        assert list(_csv(folder)[0]) == CONTRACT

    def test_types(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        write_findings(folder, [row(), row(territory="2A004", value=None, n=None)])
        frame = read_findings(folder)
        assert list(frame["territory"]) == ["01004", "2A004"]
        assert frame["value"].tolist()[0] == -1.5
        assert math.isnan(frame["value"].tolist()[1])
        assert frame["upper"].dtype == "float64"
        assert pd.isna(frame["n"].iloc[1])

    def test_csv_keeps_codes_and_numbers(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        write_findings(folder, [row(), row(value=None)])
        first, second = _csv(folder)
        assert (first["territory"], first["value"], first["n"]) == ("01004", "-1.5", "12")
        assert second["value"] == ""
        assert (tmp_path / "findings.csv").read_bytes().startswith(b"\xef\xbb\xbf")

    @pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1"])
    def test_formulas_are_texts_in_csv(self, tmp_path: Path, text: str) -> None:
        folder = RunFolder(tmp_path)
        write_findings(folder, [row(note=text)])
        assert _csv(folder)[0]["note"] == "'" + text
        assert read_findings(folder)["note"].iloc[0] == text

    def test_no_finding(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        assert list(read_findings(folder).columns) == CONTRACT
        write_findings(folder, [])
        assert list(read_findings(folder).columns) == CONTRACT
        assert len(read_findings(folder)) == 0

    def test_same_rows_same_bytes(self, tmp_path: Path) -> None:
        for name in "ab":
            write_findings(RunFolder(tmp_path / name), [row(), row(territory="2A004")])
        for name in ("findings.csv", "findings.parquet"):
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


class TestGathering:
    def test_only_what_is_published_in_order(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        records = [
            TaskRecord("t", "B", "fr", "reused"),
            TaskRecord("t", "A", "fr", "ok"),
            TaskRecord("t", "C", "fr", "failed_cell"),
        ]
        for record in records:
            write_task_findings(folder.findings_of(record), [row(territory=record.territory, n=i) for i in (2, 1)])
        found = gather_findings(folder, records)
        assert [(item["territory"], item["n"]) for item in found] == [("A", 2), ("A", 1), ("B", 2), ("B", 1)]


class TestChecking:
    def test_good_rows(self) -> None:
        check_findings([row(), row(value=3, n=None)])

    @pytest.mark.parametrize(
        ("name", "value"),
        [("value", "12"), ("value", True), ("value", math.nan), ("n", 1.5), ("territory", 1004), ("extra", "x")],
    )
    def test_odd_rows_are_refused(self, name: str, value: object) -> None:
        with pytest.raises(RunError, match=f"EVK-RUN-009.*{name}"):
            check_findings([row(**{name: value})])

    def test_missing_column(self) -> None:
        short = row()
        del short["note"]
        with pytest.raises(RunError, match=r"EVK-RUN-009.*note"):
            check_findings([short])


class TestManifest:
    def _manifest(self) -> Manifest:
        return Manifest("r", "e", "p", 1, "s", "f", "0.1", None, None, {}, {}, [{"dataset": "é"}], {"ok": 1}, True)

    def test_there_and_back(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        assert read_manifest(folder) is None
        write_manifest(folder, self._manifest())
        assert read_manifest(folder) == self._manifest()

    def test_newer_is_refused(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        write_manifest(folder, self._manifest())
        data = json.loads(folder.manifest.read_text(encoding="utf-8"))
        folder.manifest.write_text(json.dumps({**data, "schema": 9, "unknown": 1}), encoding="utf-8")
        with pytest.raises(RunError, match="EVK-RUN-002"):
            read_manifest(folder)

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": "x"}'])
    def test_broken_is_refused(self, tmp_path: Path, text: str) -> None:
        folder = RunFolder(tmp_path)
        folder.manifest.write_text(text, encoding="utf-8")
        with pytest.raises(RunError, match="EVK-RUN-010"):
            read_manifest(folder)
