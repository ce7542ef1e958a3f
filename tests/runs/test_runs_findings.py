"""Findings as Parquet and CSV, and the manifest."""

from __future__ import annotations

import csv
import io
import json
import math
import weakref
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
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
from evalkit.runs import findings as tables
from evalkit.runs.findings import check_findings, each_finding, write_task_findings
from evalkit.text.plain import safe_cell

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

    def test_a_task_is_read_when_it_is_its_turn(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        records = [TaskRecord("t", code, "fr", "ok") for code in "AB"]
        write_task_findings(folder.findings_of(records[0]), [row(territory="A")])
        found = gather_findings(folder, records)
        assert next(found)["territory"] == "A"
        with pytest.raises(FileNotFoundError):
            next(found)


def _rows(number: int) -> Iterator[dict[str, Any]]:
    """Findings with all that a cell can hold: nothing, whole and broken numbers, quotes, lines, formulas."""
    notes = ("", "=1+1", 'said "so"', "two\r\nlines", "é – \u202f€", "a,b")
    for i in range(number):
        judged = {"criterion": "C1", "verdict": "met", "grade": i % 5} if i % 3 else {}
        yield row(territory=f"{i // 4:05d}", value=[None, -i, i / 7][i % 3], n=i or None, note=notes[i % 6], **judged)


def _whole(rows: list[dict[str, Any]]) -> tuple[bytes, bytes]:
    """Both tables as one frame and one text give them."""
    kinds = {name: pa.float64() for name in ("value", "se", "lower", "upper", "confidence", "comparator_value")}
    kinds |= {"n": pa.int64(), "grade": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in CONTRACT])
    parquet, text = io.BytesIO(), io.StringIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), parquet, compression="zstd")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CONTRACT)
    writer.writerows([safe_cell(item[name]) for name in CONTRACT] for item in rows)
    return parquet.getvalue(), text.getvalue().encode("utf-8-sig")


class _Row(dict[str, Any]):
    """A finding of which it can be seen that it is no longer held."""


class TestWritingAsTheyCome:
    def test_the_bytes_are_those_of_one_frame(self, tmp_path: Path) -> None:
        write_findings(RunFolder(tmp_path), _rows(2_500))
        parquet, text = _whole(list(_rows(2_500)))
        assert (tmp_path / "findings.csv").read_bytes() == text
        assert (tmp_path / "findings.parquet").read_bytes() == parquet

    def test_row_groups_have_a_fixed_size(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "GROUP_ROWS", 20)
        monkeypatch.setattr(tables, "_AT_ONCE", 10)
        for name in "ab":
            write_findings(RunFolder(tmp_path / name), _rows(47))
        file, (whole, text) = tmp_path / "a" / "findings.parquet", _whole(list(_rows(47)))
        metadata = pq.read_metadata(file)
        assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [20, 20, 7]
        assert pq.read_table(file).equals(pq.read_table(io.BytesIO(whole)), check_metadata=True)
        assert (tmp_path / "a" / "findings.csv").read_bytes() == text
        assert file.read_bytes() == (tmp_path / "b" / "findings.parquet").read_bytes()

    def test_few_are_held(self, tmp_path: Path) -> None:
        held, most = 0, 0

        def gone() -> None:
            nonlocal held
            held -= 1

        def rows() -> Iterator[dict[str, Any]]:
            nonlocal held, most
            for _ in range(10_000):
                item = _Row(row())
                weakref.finalize(item, gone)
                held += 1
                most = max(most, held)
                yield item

        write_findings(RunFolder(tmp_path), rows())
        assert most <= 2_001

    def test_a_failure_leaves_the_old_tables_alone(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path)
        write_findings(folder, [row()])
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

        def broken() -> Iterator[dict[str, Any]]:
            yield from _rows(1_500)
            raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            write_findings(folder, broken())
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


class TestReading:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> RunFolder:
        folder = RunFolder(tmp_path)
        write_findings(folder, _rows(1_200))
        return folder

    def test_only_what_is_needed_with_texts_as_categories(self, folder: RunFolder) -> None:
        whole, some = read_findings(folder), read_findings(folder, ["territory", "verdict", "grade"])
        pd.testing.assert_frame_equal(whole, pd.read_parquet(folder.root / "findings.parquet"))
        assert [str(kind) for kind in some.dtypes] == ["category", "category", "float64"]
        pd.testing.assert_frame_equal(some.astype(whole.dtypes[some.columns]), whole[some.columns])

    def test_only_the_rows_that_are_needed(self, folder: RunFolder) -> None:
        whole = read_findings(folder)
        some = read_findings(folder, where={"territory": {"00002", "00299", "none"}, "verdict": {"met"}})
        expected = whole[whole["territory"].isin(["00002", "00299"]) & whole["verdict"].eq("met")]
        assert len(some) == 6
        pd.testing.assert_frame_equal(some, expected.reset_index(drop=True), check_dtype=False)
        coded = read_findings(folder, ["note", "value"], where={"verdict": {"met"}})
        assert coded.astype({"note": "str"}).equals(
            whole.loc[whole["verdict"].eq("met"), ["note", "value"]].reset_index(drop=True)
        )

    def test_one_by_one(self, folder: RunFolder) -> None:
        assert list(each_finding(folder)) == list(_rows(1_200))
        kept = [item for item in _rows(1_200) if item["territory"] in ("00002", "00299")]
        assert list(each_finding(folder, {"00299", "00002", "none"})) == kept

    def test_nothing_gathered_and_nothing_found(self, tmp_path: Path) -> None:
        folder = RunFolder(tmp_path / "new")
        assert list(read_findings(folder, ["n", "note"]).columns) == ["n", "note"]
        assert list(each_finding(folder)) == []
        write_findings(folder, [])
        assert list(read_findings(folder, ["n", "note"]).columns) == ["n", "note"]
        assert len(read_findings(folder, where={"note": {"x"}})) == 0
        assert list(each_finding(folder)) == []


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
