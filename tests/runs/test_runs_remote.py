"""A run on object storage, at the level of its objects: pointers last, one holder, the newer ledger wins."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from evalkit.data.storage import ObjectStore, is_remote, open_store
from evalkit.errors import RunError
from evalkit.model.run import Task, TaskRecord
from evalkit.runs import Ledger, RunFolder, open_run
from evalkit.runs.remote import HOLDER, LEDGER, PORTFOLIO, RemoteRun

TASK = Task("portrait", "01004", "fr", "key")
PAGE, DATA, FOUND = (
    "reports/fr/portrait/01004.html",
    "reports/fr/portrait/01004/f.csv",
    "private/findings/fr/portrait/01004.json",
)


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "cache"))
    yield
    fsspec.filesystem("memory").store.clear()
    open_store.cache_clear()


def _run(url: str = "memory://essais/run") -> RemoteRun:
    found = open_run(url)
    assert isinstance(found, RemoteRun)
    return found


def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> RemoteRun:
    monkeypatch.setenv("EVALKIT_CACHE", str(tmp_path / "elsewhere"))
    return _run()


def _made(run: RemoteRun) -> TaskRecord:
    """Write what a task publishes into the local folder."""
    for name in (PAGE, DATA, FOUND):
        (run.root / name).parent.mkdir(parents=True, exist_ok=True)
        (run.root / name).write_text(f"[] {name}", encoding="utf-8")
    return TaskRecord(
        "portrait", "01004", "fr", "ok", key="key", reads=("r",), outputs={PAGE: "a", DATA: "b", FOUND: "c"}
    )


class TestStore:
    @pytest.mark.parametrize(("place", "remote"), [("s3://b/x", True), ("runs/x", False), (Path("x"), False)])
    def test_addresses(self, place: object, *, remote: bool) -> None:
        assert is_remote(place) is remote

    @pytest.mark.parametrize("scheme", ["memory://", "local://"])
    def test_objects(self, scheme: str, tmp_path: Path) -> None:
        store = ObjectStore(f"{scheme}{tmp_path}/store")
        assert store.names() == {}
        assert store.read("a/b") is None
        store.write("a/b", b"1")
        store.write("a/c", b"2")
        assert list(store.names()) == ["a/b", "a/c"]
        assert list(store.names("a")) == ["a/b", "a/c"]
        assert store.names("other") == {}
        assert store.read_all(["a/b", "a/c", "none"]) == {"a/b": b"1", "a/c": b"2"}
        assert store.read_all(["a/b"]) == {"a/b": b"1"}
        assert store.read_all([]) == {}
        mark = store.names()["a/b"]
        store.write("a/b", b"111")
        assert store.names()["a/b"] != mark
        store.download("a/b", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == b"111"
        store.remove(["a/b", "none"])
        assert list(store.names()) == ["a/c"]


class TestPublication:
    def test_the_pointer_is_last(self) -> None:
        run = _run()
        record = _made(run)
        (run.root / DATA).unlink()
        with pytest.raises(FileNotFoundError):
            run.settle(record)
        assert not _run().is_published(TASK)
        run.settle(_made(run))
        assert _run().is_published(TASK)
        assert _run().told(TASK) == _made(run)
        assert run.store.read(PAGE) == f"[] {PAGE}".encode()

    def test_withdrawn(self) -> None:
        run = _run()
        run.settle(_made(run))
        run.withdraw(TASK)
        assert not _run().is_published(TASK)
        assert [name for name in run.store.names() if name.startswith("reports")] == []
        assert not (run.root / PAGE).exists()
        assert _run().told(TASK) is None

    def test_findings_are_fetched_when_they_are_others(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        run = _run()
        record = _made(run)
        run.settle(record)
        other = _elsewhere(monkeypatch, tmp_path)
        other.fetch_findings([record, replace(record, territory="02001", state="failed_cell")])
        assert (other.root / FOUND).read_text(encoding="utf-8") == f"[] {FOUND}"
        (other.root / FOUND).write_text("old", encoding="utf-8")
        other.fetch_findings([record])
        assert (other.root / FOUND).read_text(encoding="utf-8") == f"[] {FOUND}"

    def test_inputs_travel(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        run = _run()
        with run.locked() as token:
            plan = run.plan_copy("evaluation.yaml")
            plan.parent.mkdir(parents=True)
            plan.write_text("plan", encoding="utf-8")
            task = TaskRecord("portrait", "01004", "fr", "ok")
            then = run.earlier_findings("x", task)  # of the run that this one is compared with
            then.parent.mkdir(parents=True)
            then.write_text("[]", encoding="utf-8")
            run.send_inputs()
            assert run.receive_inputs(token)
            other = _elsewhere(monkeypatch, tmp_path)
            assert not other.receive_inputs(token)
            assert other.plan_copy("evaluation.yaml").read_text(encoding="utf-8") == "plan"
            assert other.earlier_findings("x", task).read_text(encoding="utf-8") == "[]"

    def test_what_stands_above_the_reports(self) -> None:
        run = _run()
        for name in ("index.html", "assets/a.css", "parts/75.html", "private/secret", PAGE):
            (run.root / name).parent.mkdir(parents=True, exist_ok=True)
            (run.root / name).touch()
        run.publish()
        assert list(run.store.names()) == ["assets/a.css", "index.html", "parts/75.html", PORTFOLIO]
        run.store.write(PAGE, b"sent by its worker")
        (run.root / "parts/75.html").unlink()
        run.publish()
        assert list(run.store.names()) == ["assets/a.css", "index.html", PORTFOLIO, PAGE]


class TestHolding:
    def test_held_while_it_lasts(self) -> None:
        run = _run()
        with run.locked() as token:
            assert run.is_held(token)
            assert not run.is_held("another")
        assert not run.is_held(token)
        assert run.store.names() == {}

    @pytest.mark.parametrize(("age", "free"), [(0, False), (1000, True)])
    def test_another_machine_holds_it(self, age: float, *, free: bool) -> None:
        import time

        run = _run()
        held = {"token": "theirs", "host": "another.machine", "pid": 1, "time": time.time() - age}
        run.store.write(HOLDER, json.dumps(held).encode())
        if free:
            with run.locked() as token:
                assert run.is_held(token)
        else:
            with pytest.raises(RunError, match="EVK-RUN-005"), run.locked():
                pass
            assert run.is_held("theirs")


class TestLedger:
    def _keep(self, run: RemoteRun, *tasks: Task) -> None:
        with run.locked() as token, Ledger(run.ledger) as ledger:
            ledger.plan(tasks)
            run.keep(ledger, token, now=True)

    def test_brought_to_another_machine(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        self._keep(_run(), TASK)
        other = _elsewhere(monkeypatch, tmp_path).require()
        with Ledger(other.ledger, read_only=True) as ledger:
            assert [record.territory for record in ledger.records()] == ["01004"]

    def test_the_newer_one_wins(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        here = _run()
        self._keep(here, TASK)
        with Ledger(here.ledger) as ledger:  # written after the last snapshot: it is not lost
            ledger.plan([replace(TASK, territory="02001")])
        here.bring()
        with Ledger(here.ledger) as ledger:
            assert len(ledger.records()) == 2
        other = _elsewhere(monkeypatch, tmp_path)
        other.bring()
        self._keep(other, replace(TASK, territory="03001"))
        here.bring()
        with Ledger(here.ledger) as ledger:
            assert {record.territory for record in ledger.records()} == {"01004", "03001"}

    def test_a_run_that_was_removed_there(self) -> None:
        run = _run()
        self._keep(run, TASK)
        run.store.remove([LEDGER])
        run.bring()
        assert not run.exists()
        with pytest.raises(RunError, match="EVK-RUN-001"):
            run.require()

    def test_not_at_each_moment(self) -> None:
        run = _run()
        self._keep(run, TASK)
        before = run.store.names()[LEDGER]
        with run.locked() as token, Ledger(run.ledger) as ledger:
            ledger.plan([replace(TASK, territory="02001")])
            run.keep(ledger, token)
            assert run.store.names()[LEDGER] == before

    def test_something_else_lies_there(self) -> None:
        run = _run()
        run.store.write("photos/cat.jpg", b"")
        with pytest.raises(RunError, match="EVK-RUN-007"):
            run.require_usable()


def test_a_local_run_needs_none_of_this(tmp_path: Path) -> None:
    run = open_run(tmp_path / "run")
    assert type(run) is RunFolder
    record = TaskRecord("portrait", "01004", "fr", "ok")
    assert (run.brought(), run.told(record), run.receive_inputs("x")) == (run, None, True)
    assert run.address == str(tmp_path / "run")
    with run.locked() as token:
        shared = run.shared_file()
        assert shared is not None
        assert shared.read_text(encoding="utf-8") == token
        assert run.is_held(token)
    assert not run.is_held(token)
    assert not run.has_page(record)
