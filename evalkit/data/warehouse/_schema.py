"""The schema version of a warehouse: a newer one is refused, an older one is migrated after a backup."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from evalkit.data.codes_warehouse import DAMAGED, NO_WAREHOUSE, NOT_A_WAREHOUSE, WRONG_SCHEMA
from evalkit.data.warehouse._files import as_data_error, write_file
from evalkit.data.warehouse._kinds import KINDS
from evalkit.data.warehouse._record import SOURCES
from evalkit.errors import DataError

SCHEMA = 1
Migration = Callable[[Path], None]
MIGRATIONS: Mapping[int, Migration] = {}
"""From a version to the next: `MIGRATIONS[1]` makes a warehouse of version 1 one of version 2."""


def prepare(root: Path, *, create: bool) -> None:
    """Make sure that `root` is a warehouse of the present version."""
    schema = root / "schema.json"
    if schema.is_file():
        migrate(root, _version(schema), SCHEMA, MIGRATIONS)
    elif not create:
        raise DataError.of(NO_WAREHOUSE, folder=str(root))
    elif any((root / name).exists() for name in (*KINDS, SOURCES)):
        raise DataError.of(NOT_A_WAREHOUSE, folder=str(root))
    else:
        _write_version(root, SCHEMA)


def _version(schema: Path) -> int:
    try:
        return int(json.loads(schema.read_text(encoding="utf-8"))["schema"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError.of(DAMAGED, file=str(schema), reason=str(error)) from error


def _write_version(root: Path, version: int) -> None:
    content = f'{{"schema": {version}}}\n'.encode()
    try:
        write_file(root / "schema.json", lambda handle: handle.write(content))
    except OSError as error:
        raise as_data_error(error, root) from error


def migrate(root: Path, found: int, known: int, migrations: Mapping[int, Migration]) -> None:
    """Bring a warehouse from version `found` to version `known`; a copy of it is kept beside it as `<name>.backup-v<found>`."""
    if found == known:
        return
    if found > known or not all(step in migrations for step in range(found, known)):
        raise DataError.of(WRONG_SCHEMA, folder=str(root), found=found, known=known)
    shutil.copytree(root, root.with_name(f"{root.name}.backup-v{found}"))
    for step in range(found, known):
        migrations[step](root)
        _write_version(root, step + 1)
