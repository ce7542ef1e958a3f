"""The ledger of a run: one row a task, written by one process only (SQLite, WAL)."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from evalkit.errors import RunError
from evalkit.model.run import Task, TaskRecord, TaskState
from evalkit.runs.codes import LEDGER_BROKEN, LEDGER_FULL, NEWER_SCHEMA

SCHEMA = 1

_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    lang TEXT NOT NULL, template TEXT NOT NULL, territory TEXT NOT NULL,
    state TEXT NOT NULL, key TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0, seconds REAL, peak_memory INTEGER,
    reads TEXT NOT NULL DEFAULT '[]', outputs TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (lang, template, territory)
);
"""
_COLUMNS = (
    "lang", "template", "territory", "state", "key", "reason", "detail", "attempts", "seconds", "peak_memory", "reads", "outputs",
)  # fmt: skip


class Ledger:
    """Reads and writes the states of a run's tasks. Use as a context manager; open it for writing in one process only."""

    def __init__(self, file: Path, *, read_only: bool = False) -> None:
        self.file = file
        if not read_only:
            file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = sqlite3.connect(f"{file.absolute().as_uri()}{'?mode=ro' if read_only else ''}", uri=True)
            if not read_only:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.executescript(_TABLES)
                self._db.execute("INSERT OR IGNORE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
                self._db.commit()
            found = int(self.meta("schema") or 0)
        except sqlite3.Error as error:
            raise RunError.of(LEDGER_BROKEN, file=str(file), reason=str(error)) from error
        if found > SCHEMA:
            raise RunError.of(NEWER_SCHEMA, file=str(file), found=found, known=SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def meta(self, key: str) -> str | None:
        """Return a property of the run, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Keep a property of the run."""
        with self._writing():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def plan(self, tasks: Iterable[Task]) -> None:
        """Enter tasks as planned; a task that is there already keeps its attempts and starts again."""
        with self._writing():
            self._db.executemany(
                "INSERT INTO tasks (lang, template, territory, state, key) VALUES (?, ?, ?, 'planned', ?) "
                "ON CONFLICT DO UPDATE SET state = 'planned', key = excluded.key, reason = '', detail = ''",
                [(task.lang, task.template, task.territory, task.key) for task in tasks],
            )

    def start(self, task: Task) -> None:
        """Note that a task is running, and count the attempt."""
        with self._writing():
            self._db.execute(
                "UPDATE tasks SET state = 'running', attempts = attempts + 1 WHERE lang = ? AND template = ? AND territory = ?",
                (task.lang, task.template, task.territory),
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

    def close_open(self, state: TaskState, reason: str) -> int:
        """Give every task that is still `running` another state (after an interruption); return how many."""
        with self._writing():
            return self._db.execute(
                "UPDATE tasks SET state = ?, reason = ? WHERE state = 'running'", (state, reason)
            ).rowcount

    def records(self) -> list[TaskRecord]:
        """Return every task, ordered by language, template and territory."""
        rows = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM tasks ORDER BY lang, template, territory")  # noqa: S608 - names are ours
        return [_record(dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return how many tasks are in each state that occurs."""
        return dict(sorted(Counter(record.state for record in self.records()).items()))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._db:
                yield
        except sqlite3.OperationalError as error:
            if "full" in str(error) or "disk I/O" in str(error):
                raise RunError.of(LEDGER_FULL, folder=str(self.file.parent.parent)) from error
            raise RunError.of(LEDGER_BROKEN, file=str(self.file), reason=str(error)) from error


def _record(row: dict[str, Any]) -> TaskRecord:
    return TaskRecord(**{**row, "reads": tuple(json.loads(row["reads"])), "outputs": json.loads(row["outputs"])})
