"""The layout of a run folder, and writing so that nobody reads half of a file."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import RunError
from evalkit.model.run import Task
from evalkit.runs import RunFolder, list_runs
from evalkit.runs.files import remove_folder, replace_folder, sweep_drafts, write_atomic

TASK = Task("portrait", "01004", "fr", "k")


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class TestLayout:
    def test_paths_are_the_contract(self, tmp_path: Path) -> None:
        run = RunFolder(tmp_path / "r")
        shown = {
            "index": run.index("fr", "fr"),
            "other": run.index("en", "fr"),
            "report": run.report(TASK),
            "figures": run.figures(TASK),
            "notebook": run.notebook(TASK),
            "log": run.log(TASK),
            "ledger": run.ledger,
            "manifest": run.manifest,
            "assets": run.assets,
        }
        assert {name: str(path.relative_to(run.root)) for name, path in shown.items()} == {
            "index": "index.html",
            "other": "index.en.html",
            "report": "reports/fr/portrait/01004.html",
            "figures": "reports/fr/portrait/01004",
            "notebook": "private/notebooks/fr/portrait/01004.ipynb",
            "log": "private/logs/fr/portrait/01004.log",
            "ledger": "private/ledger.sqlite",
            "manifest": "manifest.json",
            "assets": "assets",
        }
        assert run.run_id == "r"

    def test_not_a_run(self, tmp_path: Path) -> None:
        with pytest.raises(RunError, match="EVK-RUN-001"):
            RunFolder(tmp_path).require()

    def test_runs_of_a_folder(self, tmp_path: Path) -> None:
        for name in ("b", "a"):
            write_atomic(RunFolder(tmp_path / name).ledger, b"")
        (tmp_path / "c").mkdir()
        assert [run.run_id for run in list_runs(tmp_path)] == ["a", "b"]
        assert list_runs(tmp_path / "nowhere") == []

    def test_a_folder_with_other_things_is_not_taken(self, tmp_path: Path) -> None:
        (tmp_path / "index.html").write_text("mine", encoding="utf-8")
        with pytest.raises(RunError, match="EVK-RUN-007"):
            RunFolder(tmp_path).require_usable()

    def test_an_empty_or_a_new_folder_is_taken(self, tmp_path: Path) -> None:
        RunFolder(tmp_path).require_usable()
        RunFolder(tmp_path / "new").require_usable()
        (tmp_path / "private").mkdir()
        RunFolder(tmp_path).require_usable()

    def test_a_second_writer_is_refused(self, tmp_path: Path) -> None:
        run = RunFolder(tmp_path)
        with run.locked(), pytest.raises(RunError, match="EVK-RUN-005"), run.locked():
            raise AssertionError("two writers")
        with run.locked():
            pass

    def test_withdrawn_leaves_nothing(self, tmp_path: Path) -> None:
        run = RunFolder(tmp_path)
        write_atomic(run.report(TASK), b"page")
        replace_folder(run.figures(TASK), {"a.svg": b"<svg/>"})
        assert not run.is_published(TASK)
        write_atomic(run.findings_of(TASK), b"[]")
        assert run.is_published(TASK)
        run.withdraw(TASK)
        run.withdraw(TASK)
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]


class TestAtomicWriting:
    def test_old_or_new(self, tmp_path: Path) -> None:
        file = tmp_path / "deep" / "file"
        write_atomic(file, b"one")
        write_atomic(file, b"two")
        assert file.read_bytes() == b"two"
        assert _names(tmp_path) == ["deep", "deep/file"]

    def test_a_full_disk_leaves_the_old(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / "file"
        write_atomic(file, b"old")

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            write_atomic(file, b"new")
        assert file.read_bytes() == b"old"
        assert _names(tmp_path) == ["file"]

    def test_folder_is_swapped_whole(self, tmp_path: Path) -> None:
        place = tmp_path / "figures"
        replace_folder(place, {"a.svg": b"1", "b.svg": b"2"})
        replace_folder(place, {"c.svg": b"3"})
        assert _names(tmp_path) == ["figures", "figures/c.svg"]

    def test_folder_that_cannot_be_written_leaves_the_old(self, tmp_path: Path) -> None:
        place = tmp_path / "figures"
        replace_folder(place, {"a.svg": b"1"})
        bad: dict[str, Any] = {"a.svg": b"2", "b.svg": "not bytes"}
        with pytest.raises(TypeError):
            replace_folder(place, bad)
        assert (place / "a.svg").read_bytes() == b"1"
        assert _names(tmp_path) == ["figures", "figures/a.svg"]

    def test_remove_folder_that_is_not_there(self, tmp_path: Path) -> None:
        remove_folder(tmp_path / "nothing")
        assert _names(tmp_path) == []

    def test_drafts_of_a_killed_process_are_swept(self, tmp_path: Path) -> None:
        (tmp_path / "reports" / ".figures.0123abcd").mkdir(parents=True)
        (tmp_path / "reports" / ".figures.0123abcd" / "a.svg").write_bytes(b"half")
        (tmp_path / ".index.html.89abcdef").write_bytes(b"half")
        (tmp_path / ".keep").write_bytes(b"")
        (tmp_path / "index.html").write_bytes(b"whole")
        sweep_drafts(tmp_path)
        assert _names(tmp_path) == [".keep", "index.html", "reports"]
