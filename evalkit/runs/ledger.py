"""The ledger of a run: one row a task, written by one process only (SQLite, WAL)."""

from __future__ import annotations

import datetime
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evalkit.errors import RunError
from evalkit.model.run import Task, TaskRecord
from evalkit.runs.codes import LEDGER_BROKEN, LEDGER_FULL, NEWER_SCHEMA
from evalkit.runs.migrations import MIGRATIONS, SCHEMA, migrate

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    lang TEXT NOT NULL, template TEXT NOT NULL, territory TEXT NOT NULL,
    state TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0, seconds REAL, peak_memory INTEGER,
    reads TEXT NOT NULL DEFAULT '[]', outputs TEXT NOT NULL DEFAULT '{}',
    started TEXT, worker TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (lang, template, territory)
);
"""
_COLUMNS = (
    "lang", "template", "territory", "state", "key", "reason", "detail", "attempts", "seconds", "peak_memory", "reads", "outputs",
    "started", "worker",
)  # fmt: skip
_LISTS = ("reads", "outputs")
"""Most of what the ledger holds of a task."""
_AT_ONCE = 500
"""So many tasks are read at a time."""


class Ledger:
    """Reads and writes the states of a run's tasks. Use as a context manager; open it for writing in one process only."""

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        self.file = file
        if not read_only:
            file.parent.mkdir(parents=True, exist_ok=True)
        self._read_only = read_only
        with self._guarded():
            self._db = _connect(file, read_only=read_only)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        """Refuse a newer ledger before a byte of it is changed, migrate an older one, make the tables of a new one."""
        with self._guarded():
            known = self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is not None
            if self._read_only or known:
                found = int(self.meta("schema") or 0)
                if found > SCHEMA:
                    raise RunError.of(NEWER_SCHEMA, file=str(self.file), found=found, known=SCHEMA)
                if found < SCHEMA and not self._read_only:
                    if found not in MIGRATIONS:
                        raise ValueError(f"schema {found}")
                    migrate(self._db, self.file, found)
            if not self._read_only:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.executescript(_TABLES)
                self._db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
                self._db.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._read_only:
            with suppress(sqlite3.Error):  # another process may be reading; then the next writer folds the log in
                self._db.execute("PRAGMA journal_mode=DELETE")
        self._db.close()

    def meta(self, key: str) -> str | None:
        """Return a property of the run, or None."""
        with self._guarded():
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def metas(self) -> dict[str, str]:
        """Return every property of the run."""
        with self._guarded():
            return dict(self._db.execute("SELECT key, value FROM meta ORDER BY key").fetchall())

    def set_meta(self, key: str, value: str) -> None:
        """Keep a property of the run."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def plan(self, tasks: Iterable[Task]) -> None:
        """Enter tasks as planned; a task that is there already keeps its attempts and starts again."""
        with self._writing():
            self._db.executemany(
                "INSERT INTO tasks (lang, template, territory, state, key) VALUES (?, ?, ?, 'planned', ?) "
                "ON CONFLICT DO UPDATE SET state = 'planned', key = excluded.key, reason = '', "
                "detail = '', seconds = NULL, peak_memory = NULL, reads = '[]', outputs = '{}', started = NULL, worker = ''",
                [(task.lang, task.template, task.territory, task.key) for task in tasks],
            )

    def start(self, task: Task, worker: str = "") -> None:
        """Note that a task is running, since now, on which worker, and count the attempt."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        with self._writing():
            self._db.execute(
                "UPDATE tasks SET state = 'running', attempts = attempts + 1, started = ?, worker = ? "
                "WHERE lang = ? AND template = ? AND territory = ?",
                (now, worker, task.lang, task.template, task.territory),
            )

    def finish(self, record: TaskRecord) -> None:
        """Note how a task ended; the number of attempts stays as counted."""
        values: dict[str, Any] = {
            "state": record.state, "reason": record.reason, "detail": record.detail, "seconds": record.seconds,
            "peak_memory": record.peak_memory, "reads": json.dumps(list(record.reads)),
            "outputs": json.dumps(dict(record.outputs), sort_keys=True),
        }  # fmt: skip
        sets = ", ".join(f"{name} = :{name}" for name in values)
        with self._writing():
            self._db.execute(
                f"UPDATE tasks SET {sets} WHERE lang = :lang AND template = :template AND territory = :territory",  # noqa: S608 - names are ours
                {**values, "lang": record.lang, "template": record.template, "territory": record.territory},
            )

    def note_reads(self, records: Iterable[TaskRecord]) -> None:
        """Note for which warehouse the reads of tasks were last seen to hold."""
        rows = ((json.dumps(list(r.reads)), r.lang, r.template, r.territory) for r in records)
        with self._writing():
            self._db.executemany("UPDATE tasks SET reads = ? WHERE lang = ? AND template = ? AND territory = ?", rows)

    def cancel(self, record: TaskRecord, reason: str) -> None:
        """Note that a task was not made, and why: nothing of it is published. What it read stays noted."""
        with self._writing():
            self._db.execute(
                "UPDATE tasks SET state = 'cancelled', reason = ?, outputs = '{}' WHERE lang = ? AND template = ? AND territory = ?",
                (reason, record.lang, record.template, record.territory),
            )

    def forget(self, records: Iterable[TaskRecord]) -> None:
        """Remove tasks that are no longer of the plan."""
        with self._writing():
            self._db.executemany(
                "DELETE FROM tasks WHERE lang = ? AND template = ? AND territory = ?",
                [(record.lang, record.template, record.territory) for record in records],
            )

    def records(self) -> list[TaskRecord]:
        """Return every task, ordered by language, template and territory; of a large run `each` or `brief` takes less memory."""
        return list(self.each())

    def each(self, *states: str) -> Iterator[TaskRecord]:
        """Give every task, or those in the states named, in the order of `records`, few at a time; the ledger may be written meanwhile."""
        return self._each(_COLUMNS, states)

    def brief(self, *states: str) -> Iterator[TaskRecord]:
        """Give tasks as `each` does, without their reads and outputs, which are most of what the ledger holds.

        Such a record can be cancelled and forgotten; to `finish` it would empty the lists that it does not have.
        """
        return self._each([name for name in _COLUMNS if name not in _LISTS], states)

    def find(self, task: Task | TaskRecord) -> TaskRecord | None:
        """Return what the ledger holds of a task, with its reads and outputs; None when it does not have it."""
        with self._guarded():
            row = self._db.execute(
                f"SELECT {', '.join(self._names)} FROM tasks WHERE lang = ? AND template = ? AND territory = ?",  # noqa: S608 - names are ours
                (task.lang, task.template, task.territory),
            ).fetchone()
            return None if row is None else _record(dict(zip(self._names, row, strict=True)))

    def counts(self) -> dict[str, int]:
        """Return how many tasks are in each state that occurs."""
        with self._guarded():
            return dict(self._db.execute("SELECT state, count(*) FROM tasks GROUP BY state ORDER BY state").fetchall())

    def _each(self, columns: Iterable[str], states: Sequence[str]) -> Iterator[TaskRecord]:
        names = [name for name in columns if name in self._names]
        chosen = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
        query = (
            f"SELECT {', '.join(names)} FROM tasks WHERE (lang, template, territory) > (?, ?, ?) {chosen} "  # noqa: S608 - names are ours
            f"ORDER BY lang, template, territory LIMIT {_AT_ONCE}"
        )
        last = ("", "", "")
        while True:
            with self._guarded():
                rows = self._db.execute(query, (*last, *states)).fetchall()
                found = [_record(dict(zip(names, row, strict=True))) for row in rows]
            yield from found
            if len(found) < _AT_ONCE:
                return
            last = (found[-1].lang, found[-1].template, found[-1].territory)

    @cached_property
    def _names(self) -> list[str]:
        """The columns that there are: an older ledger that is only read has fewer."""
        with self._guarded():
            there = {row[1] for row in self._db.execute("PRAGMA table_info(tasks)")}
        return [name for name in _COLUMNS if name in there]

    def snapshot(self) -> bytes:
        """Return a copy of the ledger as it is now, one file."""
        with tempfile.TemporaryDirectory(prefix="evalkit-ledger-") as folder, self._guarded():
            copy = Path(folder) / self.file.name
            self._db.execute("VACUUM INTO ?", (str(copy),))
            return copy.read_bytes()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._guarded(), self._db:
            yield

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Turn what SQLite says into what can be done about it."""
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            if "full" in str(error) or "disk I/O" in str(error):
                raise RunError.of(LEDGER_FULL, folder=str(self.file.parent.parent)) from error
            raise RunError.of(LEDGER_BROKEN, file=str(self.file), reason=str(error)) from error


def _connect(file: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the file; a finished ledger can be read in a folder that cannot be written."""
    uri = file.absolute().as_uri()
    if not read_only:
        return sqlite3.connect(uri, uri=True)
    log = file.with_name(f"{file.name}-wal")
    frozen = not os.access(file.parent, os.W_OK) and not log.exists()
    return sqlite3.connect(f"{uri}?mode=ro{'&immutable=1' if frozen else ''}", uri=True)


def _record(row: dict[str, Any]) -> TaskRecord:
    lists = {name: json.loads(row[name]) for name in _LISTS if name in row}
    if "reads" in lists:
        lists["reads"] = tuple(lists["reads"])
    return TaskRecord(**{**row, **lists})
