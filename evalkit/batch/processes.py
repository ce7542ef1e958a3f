"""Ending processes for certain: a kernel and its children, and what a killed run left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psutil import Process

WORK_MARK = "EVALKIT_WORK"
"""Environment variable of every kernel: the directory of its task. Whatever a template starts inherits it."""

_SOCKETS = "evk-"
_YOUNG = 60.0  # seconds during which a socket folder may not be locked yet


def kill_tree(pid: int) -> bool:
    """Kill a process and its children, wait until they are gone; return whether there was one."""
    import psutil

    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return False
    _kill(family)
    return True


def kill_strays(folder: Path) -> int:
    """Kill the processes that tasks working below `folder` left behind; return how many there were."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            mark = process.environ().get(WORK_MARK)
            if mark is not None and process.pid != os.getpid() and Path(mark).is_relative_to(folder.absolute()):
                found.append(process)
    _kill(found)
    return len(found)


def _kill(family: Sequence[Process]) -> None:
    import psutil

    for process in family:
        with suppress(psutil.Error):
            process.kill()
    limit = time.monotonic() + 5
    while any(map(_runs, family)) and time.monotonic() < limit:
        time.sleep(0.01)


def _runs(process: Process) -> bool:
    """Say whether a process still runs; psutil's own wait would take a child's exit status from who started it."""
    import psutil

    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


@contextmanager
def socket_folder() -> Iterator[Path]:
    """A private 0700 directory with a short name: a socket's path may be about 100 bytes long. Locked while it is used."""
    path = Path(tempfile.mkdtemp(prefix=_SOCKETS))
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(handle)
        shutil.rmtree(path, ignore_errors=True)


def sweep_socket_folders() -> None:
    """Remove the short-named folders of processes that were killed: those of ours that nobody holds."""
    for path in Path(tempfile.gettempdir()).glob(f"{_SOCKETS}*"):
        with suppress(OSError):
            status = path.stat()
            if status.st_uid != os.getuid() or time.time() - status.st_mtime < _YOUNG:
                continue
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(handle)
