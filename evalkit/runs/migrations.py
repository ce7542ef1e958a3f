"""Older ledgers brought to the schema of today, a copy of the old one kept beside."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

SCHEMA = 2

MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (
        "ALTER TABLE tasks ADD COLUMN started TEXT",
        "ALTER TABLE tasks ADD COLUMN worker TEXT NOT NULL DEFAULT ''",
    ),
}
"""What each version needs to become the next one."""


def migrate(database: sqlite3.Connection, file: Path, found: int) -> Path:
    """Bring a ledger from version `found` to `SCHEMA`, all or nothing, and return the copy: `ledger.sqlite.v1.bak`.

    An older copy of the same version is left as it is: it is the one from before the first attempt.
    """
    copy = file.with_name(f"{file.name}.v{found}.bak")
    if not copy.exists():
        draft = copy.with_name(f"{copy.name}.part")
        draft.unlink(missing_ok=True)
        with closing(sqlite3.connect(draft)) as target:
            database.backup(target)
        draft.replace(copy)
    with database:
        database.execute("BEGIN IMMEDIATE")
        for version in range(found, SCHEMA):
            for statement in MIGRATIONS[version]:
                database.execute(statement)
        database.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(SCHEMA),))
    return copy
