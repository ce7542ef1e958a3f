"""Getting the parent ready for a run: what its notebooks read alike is read by a process of its own and handed over.

The parent itself opens no database: a connection, and the threads that come with it, must not be forked.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from evalkit.batch.warm.system import end_with

_SECONDS = 120.0  # a run that would need longer reads for each notebook
_PIECE = 1 << 20


class NotReadyError(RuntimeError):
    """Nothing could be read ahead of the notebooks, which then read for themselves."""


def get_ready(plan_file: str, warehouse: str, leave: Callable[[], None]) -> None:
    """Read and hold what the notebooks of a plan read alike; raises `NotReadyError`. The process that reads calls `leave` first."""
    from evalkit.notebook.common import hold

    try:
        found = pickle.loads(_read_apart(plan_file, warehouse, leave))  # noqa: S301 - written by our own child
    except (EOFError, pickle.UnpicklingError) as error:
        raise NotReadyError("the process that reads was ended") from error
    if isinstance(found, str):
        raise NotReadyError(found)
    hold(found)


def _read_apart(plan_file: str, warehouse: str, leave: Callable[[], None]) -> bytes:
    parent = os.getpid()
    here, there = os.pipe()
    pid = os.fork()
    if pid == 0:
        leave()
        os.close(here)
        _read(parent, plan_file, warehouse, there)
    os.close(there)
    try:
        return _all_of(here)
    finally:
        os.close(here)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _read(parent: int, plan_file: str, warehouse: str, there: int) -> NoReturn:
    """Be the process that reads: what it has found goes through the pipe, or a text that says why there is nothing."""
    try:
        end_with(parent)
        with os.fdopen(there, "wb") as pipe:
            pipe.write(_found(plan_file, warehouse))
    finally:
        os._exit(0)


def _found(plan_file: str, warehouse: str) -> bytes:
    from evalkit.errors import EvalkitError
    from evalkit.notebook.common import read_common

    try:
        return pickle.dumps(read_common(Path(plan_file), Path(warehouse)))
    except (EvalkitError, OSError, MemoryError) as error:
        return pickle.dumps(f"{type(error).__name__}: {error}")


def _all_of(pipe: int) -> bytes:
    pieces: list[bytes] = []
    limit = time.monotonic() + _SECONDS
    while True:
        if not select.select([pipe], [], [], max(0.0, limit - time.monotonic()))[0]:
            raise NotReadyError(f"not read in {_SECONDS:.0f} seconds")
        piece = os.read(pipe, _PIECE)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
