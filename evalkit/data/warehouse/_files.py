"""Writing without ever leaving half a file: temporary file in the same folder, fsync, rename; one writer at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from evalkit.data.codes_warehouse import DISK_FULL, LOCKED, NO_PERMISSION, WRITE_FAILED
from evalkit.errors import DataError

TEMPORARY = ".part"
_LOCK = ".lock"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def as_data_error(error: OSError, root: Path) -> DataError:
    """Return what a failed write means for the user."""
    if error.errno in _FULL:
        return DataError.of(DISK_FULL, folder=str(root))
    if error.errno in _FORBIDDEN:
        return DataError.of(NO_PERMISSION, folder=str(root))
    return DataError.of(WRITE_FAILED, folder=str(root), reason=error.strerror or str(error))


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> str:
    """Write a file so that it exists whole or not at all, and return its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}{TEMPORARY}")
    try:
        with temporary.open("w+b") as handle:
            write(handle)
            handle.flush()
            os.fsync(handle.fileno())
            handle.seek(0)
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return digest


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def writing(root: Path, patience: float = 10.0) -> Iterator[None]:
    """Hold the warehouse for writing; another writer waits `patience` seconds, then is refused. Storage errors are told in words."""
    try:
        with (root / _LOCK).open("a") as handle:
            _lock(handle.fileno(), root, patience)
            yield
    except OSError as error:
        raise as_data_error(error, root) from error


def _lock(descriptor: int, root: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise DataError.of(LOCKED, folder=str(root)) from None
            time.sleep(0.05)
        else:
            return


def sweep(root: Path, folders: Iterable[str], keep: frozenset[Path]) -> None:
    """Remove what a crash left: temporary files, rows without record, empty folders. Only inside the warehouse's own folders."""
    for name in sorted(folders):
        folder = root / name
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path.name.endswith(TEMPORARY) or (path.suffix == ".parquet" and path not in keep):
                path.unlink()
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
