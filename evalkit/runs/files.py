"""Writing so that a reader sees the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

_DRAFT = re.compile(r"\..+\.[0-9a-f]{8}")


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file beside its place and rename it into place; a failure leaves nothing behind."""
    with drafted(path) as draft:
        draft.write_bytes(content)


@contextlib.contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a place beside a file to write it at, then rename it into place, on the disk; a failure leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield draft
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def replace_folder(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder of files beside its place, then swap it with the one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        draft.mkdir()
        for name, content in sorted(files.items()):
            (draft / name).write_bytes(content)
        remove_folder(path)
        draft.replace(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def remove_folder(path: Path) -> None:
    """Remove a folder in two steps, so that no reader finds half of it."""
    if path.is_dir():
        gone = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        path.replace(gone)
        shutil.rmtree(gone, ignore_errors=True)


def sweep_drafts(folder: Path) -> None:
    """Remove what a killed process was writing below a folder; call it when nobody writes there."""
    for parent, folders, names in os.walk(folder):
        for name in filter(_DRAFT.fullmatch, folders):
            shutil.rmtree(Path(parent, name), ignore_errors=True)
        for name in filter(_DRAFT.fullmatch, names):
            with contextlib.suppress(OSError):
                Path(parent, name).unlink()
