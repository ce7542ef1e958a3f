"""Why a notebook did not end: what its kernel and its cells said, as the outcome of a task."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from evalkit.batch import codes
from evalkit.batch.outcome import TaskFailed
from evalkit.batch.watch import Watch
from evalkit.errors import Code, Problem, RefusedTerritoryError
from evalkit.notebook.recording import REFUSAL

if TYPE_CHECKING:
    from nbformat import NotebookNode

STORAGE_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
_MEMORY_ERRORS = ("MemoryError", "OutOfMemoryException")  # of Python, numpy and Arrow; of DuckDB
_SAID_MEMORY = re.compile("MemoryError|bad_alloc|Cannot allocate memory")
_ERRNO = re.compile(r"\[Errno (\d+)\]")


def cell_failure(error: Any, watch: Watch) -> TaskFailed:
    """Return the outcome of a notebook one of whose cells raised an error."""
    detail = "\n".join(error.traceback) if isinstance(error.traceback, list) else str(error.traceback)
    name = str(error.ename)
    if name == RefusedTerritoryError.__name__ and (refused := refusal(watch.notebook, detail)):
        return refused
    if name.endswith(_MEMORY_ERRORS):
        return TaskFailed("failed_memory", _no_memory(watch), detail)
    if name == "OSError" and (number := _ERRNO.match(str(error.evalue))) and int(number[1]) in STORAGE_ERRORS:
        reason = os.strerror(int(number[1]))
        return TaskFailed("failed_storage", Problem(codes.STORAGE_FAILED, {"reason": reason}), detail)
    return TaskFailed("failed_cell", Problem(codes.CELL_FAILED, {"error": class_name(name)}), detail)


def _no_memory(watch: Watch) -> Problem:
    if watch.memory_limit is None:
        return Problem(codes.NO_MEMORY)
    return Problem(codes.MEMORY_LIMIT, {"size": str(watch.memory_limit // 1_000_000)})


def class_name(name: str) -> str:
    """Return the name of an exception class when it reads as one: what readers see holds nothing that a template composed."""
    return name if name.isascii() and name.isidentifier() and len(name) <= 60 else "Exception"


def refusal(notebook: NotebookNode | None, detail: str = "") -> TaskFailed | None:
    """Return the outcome of a notebook that declared that it cannot treat its territory."""
    for output in _outputs(notebook):
        if REFUSAL in output.get("data", {}):
            text = output["data"][REFUSAL]["sentence"]
            return TaskFailed("refused", Problem(Code("EVK-TPL-000", "{text}"), {"text": text}), detail)
    return None


def kernel_failure(error: BaseException, watch: Watch) -> TaskFailed:
    """Return the outcome of a notebook whose kernel ended, was ended, or never started."""
    detail = f"{error!r}\n\n{watch.said}"
    if watch.overflowed:
        size = str(watch.output_bytes // 1_000_000)
        return TaskFailed("failed_memory", Problem(codes.TOO_MUCH_OUTPUT, {"size": size}), detail)
    if watch.starved or (watch.memory_limit is not None and _SAID_MEMORY.search(watch.said)):
        return TaskFailed("failed_memory", _no_memory(watch), detail)
    if watch.expired:
        return TaskFailed("failed_timeout", Problem(codes.TIMED_OUT, {"seconds": f"{watch.timeout:g}"}), detail)
    return TaskFailed("failed_kernel", Problem(codes.KERNEL_DIED), detail, lasting=watch.left)


def _outputs(notebook: NotebookNode | None) -> Iterator[Any]:
    for cell in [] if notebook is None else notebook.cells:
        yield from cell.get("outputs", [])
