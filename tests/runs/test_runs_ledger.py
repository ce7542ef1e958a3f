"""The ledger tells the truth, survives, and refuses what it does not know."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.errors import RunError
from evalkit.model.run import TASK_STATES, Task, TaskRecord, TaskState
from evalkit.runs import Ledger

A, B, C = (Task("portrait", code, "fr", f"key-{code}") for code in ("01004", "2A004", "97105"))


def _record(task: Task, state: TaskState = "ok", **more: object) -> TaskRecord:
    return replace(TaskRecord(task.template, task.territory, task.lang, state, key=task.key), **more)  # type: ignore[arg-type]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "private" / "ledger.sqlite"


class TestStates:
    def test_life_of_a_task(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([B, A])
            assert [(r.territory, r.state, r.attempts) for r in ledger.records()] == [
                ("01004", "planned", 0),
                ("2A004", "planned", 0),
            ]
            ledger.start(A)
            assert ledger.counts() == {"planned": 1, "running": 1}
            ledger.finish(_record(A, seconds=1.5, peak_memory=7, reads=("x",), outputs={"page": "hash"}))
            done = ledger.records()[0]
        assert (done.state, done.key, done.attempts, done.seconds) == ("ok", "key-01004", 1, 1.5)
        assert (done.peak_memory, done.reads, done.outputs) == (7, ("x",), {"page": "hash"})

    @pytest.mark.parametrize("state", TASK_STATES)
    def test_every_state_is_kept(self, file: Path, state: TaskState) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A])
            ledger.finish(_record(A, state, reason="why", detail="private"))
        with Ledger(file, read_only=True) as ledger:
            assert ledger.counts() == {state: 1}
            assert (ledger.records()[0].reason, ledger.records()[0].detail) == ("why", "private")

    def test_planned_again_forgets_all_but_the_attempts(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A])
            ledger.start(A)
            ledger.finish(_record(A, "failed_cell", reason="r", detail="d", seconds=2.0, outputs={"p": "h"}))
            ledger.plan([replace(A, key="other")])
            again = ledger.records()[0]
        assert again == TaskRecord("portrait", "01004", "fr", "planned", key="other", attempts=1)

    def test_cancelled_has_no_outputs(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A])
            ledger.finish(_record(A, outputs={"page": "hash"}))
            ledger.cancel(ledger.records()[0], "gone")
            record = ledger.records()[0]
        assert (record.state, record.reason, record.outputs) == ("cancelled", "gone", {})

    def test_forgotten_tasks_are_gone(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A, B])
            ledger.forget([_record(A)])
            assert [r.territory for r in ledger.records()] == ["2A004"]

    @settings(deadline=None, max_examples=20)  # a file each time
    @given(codes=st.sets(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), max_size=8))
    def test_codes_stay_text(self, tmp_path_factory: pytest.TempPathFactory, codes: set[str]) -> None:
        with Ledger(tmp_path_factory.mktemp("codes") / "ledger.sqlite") as ledger:
            ledger.plan([Task("t", code, "fr", "k") for code in codes])
            assert {r.territory for r in ledger.records()} == codes


class TestAsking:
    """What can be asked without reading all that the ledger holds."""

    @pytest.fixture
    def ledger(self, file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
        """Seven tasks in four states, read two at a time."""
        monkeypatch.setattr("evalkit.runs.ledger._AT_ONCE", 2)
        states: list[TaskState] = ["ok", "planned", "ok", "running", "planned", "reused", "ok"]
        with Ledger(file) as ledger:
            for number, state in enumerate(states):
                task = Task("portrait", f"{number:05d}", "fr" if number < 5 else "en", "k")
                ledger.plan([task])
                ledger.finish(_record(task, state, reason="why", seconds=1.0, reads=("x",), outputs={"page": "hash"}))
            yield ledger

    def test_counts_are_those_of_the_records(self, ledger: Ledger) -> None:
        assert ledger.counts() == {"ok": 3, "planned": 2, "reused": 1, "running": 1}
        assert list(ledger.counts()) == sorted(ledger.counts())

    def test_each_gives_all_in_order(self, ledger: Ledger) -> None:
        records = ledger.records()
        assert list(ledger.each()) == records
        assert [r.territory for r in records] == ["00005", "00006", "00000", "00001", "00002", "00003", "00004"]
        assert list(ledger.each("ok", "running")) == [r for r in records if r.state in ("ok", "running")]
        assert list(ledger.each("failed_cell")) == []

    def test_brief_is_without_the_lists(self, ledger: Ledger) -> None:
        assert list(ledger.brief()) == [replace(r, reads=(), outputs={}) for r in ledger.records()]
        assert [r.territory for r in ledger.brief("planned")] == ["00001", "00004"]

    def test_brief_and_counts_do_not_read_the_lists(self, ledger: Ledger, file: Path) -> None:
        with sqlite3.connect(file) as database:
            database.execute("UPDATE tasks SET reads = '[half', outputs = '{half'")
        database.close()
        assert len(list(ledger.brief())) == sum(ledger.counts().values()) == 7
        with pytest.raises(RunError, match="EVK-RUN-003"):
            list(ledger.each())

    def test_it_may_be_written_meanwhile(self, ledger: Ledger) -> None:
        for record in ledger.brief("ok", "planned"):
            ledger.cancel(record, "gone")
            ledger.snapshot()
        assert ledger.counts() == {"cancelled": 5, "reused": 1, "running": 1}

    def test_cancelled_it_keeps_what_it_read(self, ledger: Ledger) -> None:
        before = next(ledger.each("running"))
        ledger.cancel(next(ledger.brief("running")), "gone")
        assert next(ledger.each("cancelled")) == replace(before, state="cancelled", reason="gone", outputs={})

    def test_one_task_is_found_whole(self, ledger: Ledger) -> None:
        assert [ledger.find(record) for record in ledger.brief()] == ledger.records()
        assert ledger.find(Task("portrait", "00005", "en", "k")) == ledger.records()[0]
        assert ledger.find(Task("portrait", "00005", "fr", "k")) is None

    def test_an_older_ledger_that_is_only_read(self, old: Path) -> None:
        with Ledger(old, read_only=True) as ledger:
            assert [(r.territory, r.state, r.attempts, r.outputs) for r in ledger.brief()] == [("01004", "ok", 2, {})]
            assert list(ledger.each("ok")) == [ledger.find(A)] == ledger.records()


class TestResuming:
    def test_what_is_written_is_there_after_a_kill(self, file: Path) -> None:
        ledger = Ledger(file)
        ledger.plan([A, B])
        ledger.start(A)
        # no close: what a killed process leaves
        with Ledger(file, read_only=True) as reader:
            assert reader.counts() == {"planned": 1, "running": 1}
        ledger.__exit__(None, None, None)

    def test_meta_of_the_run(self, file: Path) -> None:
        with Ledger(file) as ledger:
            assert ledger.meta("evaluation") is None
            ledger.set_meta("evaluation", "one")
            ledger.set_meta("evaluation", "two")
        with Ledger(file, read_only=True) as ledger:
            assert ledger.meta("evaluation") == "two"

    def test_closed_it_is_one_file(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A])
        assert [path.name for path in file.parent.iterdir()] == ["ledger.sqlite"]


_OLD = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE tasks (
    lang TEXT NOT NULL, template TEXT NOT NULL, territory TEXT NOT NULL,
    state TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0, seconds REAL, peak_memory INTEGER,
    reads TEXT NOT NULL DEFAULT '[]', outputs TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (lang, template, territory)
);
INSERT INTO meta VALUES ('schema', '1'), ('evaluation', 'petit');
INSERT INTO tasks (lang, template, territory, state, key, attempts, outputs)
VALUES ('fr', 'portrait', '01004', 'ok', 'key-01004', 2, '{"page": "hash"}');
"""  # as evalkit 0.1.0 wrote it


@pytest.fixture
def old(file: Path) -> Path:
    """A ledger of schema 1."""
    file.parent.mkdir()
    database = sqlite3.connect(file)
    database.executescript(_OLD)
    database.close()
    return file


class TestMigrations:
    def test_an_older_ledger_goes_on_with_a_copy_kept(self, old: Path) -> None:
        with Ledger(old) as ledger:
            assert ledger.meta("schema") == "2"
            assert ledger.meta("evaluation") == "petit"
            before = ledger.records()[0]
            ledger.plan([A])
            ledger.start(A, "tcp://10.0.0.5:4000")
            after = ledger.records()[0]
        assert (before.state, before.attempts, before.outputs, before.started) == ("ok", 2, {"page": "hash"}, None)
        assert (after.attempts, after.worker, after.started is None) == (3, "tcp://10.0.0.5:4000", False)
        copy = sqlite3.connect(old.with_name("ledger.sqlite.v1.bak"))
        assert copy.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("1",)
        assert copy.execute("SELECT state, attempts FROM tasks").fetchall() == [("ok", 2)]
        copy.close()

    def test_read_only_it_is_read_as_it_is(self, old: Path) -> None:
        before = old.read_bytes()
        with Ledger(old, read_only=True) as ledger:
            assert [(r.territory, r.state, r.worker) for r in ledger.records()] == [("01004", "ok", "")]
        assert old.read_bytes() == before
        assert [path.name for path in old.parent.iterdir()] == ["ledger.sqlite"]

    def test_the_first_copy_is_kept(self, old: Path) -> None:
        """A migration that was cut off is done again; its copy is still the ledger from before."""
        copy = old.with_name("ledger.sqlite.v1.bak")
        copy.write_bytes(b"the first copy")
        with Ledger(old) as ledger:
            assert ledger.meta("schema") == "2"
        assert copy.read_bytes() == b"the first copy"

    def test_all_or_nothing(self, old: Path) -> None:
        database = sqlite3.connect(old)
        database.execute("ALTER TABLE tasks ADD COLUMN worker TEXT NOT NULL DEFAULT ''")  # the second step will fail
        database.commit()
        database.close()
        with pytest.raises(RunError, match="EVK-RUN-003"):
            Ledger(old)
        database = sqlite3.connect(old)
        assert "started" not in {row[1] for row in database.execute("PRAGMA table_info(tasks)")}
        assert database.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone() == ("1",)
        database.close()

    def test_a_version_that_never_was(self, old: Path) -> None:
        database = sqlite3.connect(old)
        database.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
        database.commit()
        database.close()
        with pytest.raises(RunError, match="EVK-RUN-003"):
            Ledger(old)

    def test_a_snapshot_is_one_readable_file(self, file: Path, tmp_path: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A, B])
            content = ledger.snapshot()
        copy = tmp_path / "copy.sqlite"
        copy.write_bytes(content)
        with Ledger(copy, read_only=True) as ledger:
            assert [record.territory for record in ledger.records()] == ["01004", "2A004"]


class TestRefusals:
    def test_read_only_writes_nothing(self, file: Path) -> None:
        with Ledger(file):
            pass
        with Ledger(file, read_only=True) as ledger, pytest.raises(RunError, match="EVK-RUN-003"):
            ledger.plan([A])

    def test_newer_schema_is_refused_untouched(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.set_meta("schema", "99")
        before = file.read_bytes()
        for read_only in (True, False):
            with pytest.raises(RunError, match=r"EVK-RUN-002.*99"):
                Ledger(file, read_only=read_only)
        assert file.read_bytes() == before

    @pytest.mark.parametrize("content", [b"", b"<html>", b"SQLite format 3\x00" + bytes(200)])
    def test_what_is_not_a_ledger(self, file: Path, content: bytes) -> None:
        file.parent.mkdir()
        file.write_bytes(content)
        with pytest.raises(RunError, match="EVK-RUN-003"):
            Ledger(file, read_only=True)

    def test_schema_that_is_no_number(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.set_meta("schema", "many")
        with pytest.raises(RunError, match="EVK-RUN-003"):
            Ledger(file)

    def test_damaged_row(self, file: Path) -> None:
        with Ledger(file) as ledger:
            ledger.plan([A])
        with sqlite3.connect(file) as database:
            database.execute("UPDATE tasks SET reads = '[half'")
        database.close()
        with Ledger(file, read_only=True) as ledger, pytest.raises(RunError, match="EVK-RUN-003"):
            ledger.records()

    def test_no_file(self, file: Path) -> None:
        with pytest.raises(RunError, match="EVK-RUN-003"):
            Ledger(file, read_only=True)
