"""What a worker does for a run: getting ready, a task, an answer about itself, its memory, the end of its children."""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from evalkit.batch.processes import kill_tree

_LOADING = threading.Lock()
_SAID = 0.003  # seconds in which the message leaves, should the task take its worker down at once

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


def load(*, ours: bool) -> None:
    """Import what tasks need, in the seconds in which a worker waits for its first one; what fails here is told by that task.

    In a process that is `ours` alone, `jsonschema`, which comes with `nbformat`, does without the grammar of international
    addresses: it compiles it for two seconds as soon as it finds it, and no notebook is checked with it.
    """
    spared = _absent("rfc3987_syntax") if ours else contextlib.nullcontext()
    with _LOADING, contextlib.suppress(ImportError), spared:
        for name in ("jupyter_client.manager", "papermill"):
            importlib.import_module(name)
        from evalkit.report import ReportRenderer

        ReportRenderer()


@contextlib.contextmanager
def _absent(name: str) -> Iterator[None]:
    """Have a module that is not loaded yet count as not installed."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment] # how Python itself says that an import fails
    try:
        yield
    finally:
        del sys.modules[name]


def perform(function: Callable[[Work], Outcome], work: Work, key: str, topic: str) -> Outcome:
    """Say that a task starts, then do it, once nothing is being loaded: imports of two threads may meet halfway."""
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(topic, {"key": key, "worker": worker.address})
    time.sleep(_SAID)
    with _LOADING:
        pass
    return function(work)


def greet(held: Path | None, token: str, threads: int) -> dict[str, Any]:
    """Return what a worker says of itself, and whether it sees the run folder (None: it need not)."""
    import evalkit
    from evalkit.batch.keys import source_hash

    sees = held is None or (held.is_file() and held.read_text(encoding="utf-8") == token)
    return {"version": evalkit.__version__, "source": source_hash(), "threads": threads, "sees": sees}


def memory_of_trees(*pids: int | None) -> int:
    """Return the memory that processes and their children hold, each once, pages that they share counted in parts."""
    import psutil

    found: set[psutil.Process] = set()
    for pid in filter(None, pids):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            found |= {process, *process.children(recursive=True)}
    total = 0
    for process in found:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total


def end_children() -> None:
    """Kill the kernels of this worker, and what they started."""
    import psutil

    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "resource_tracker" not in " ".join(child.cmdline()):
                kill_tree(child.pid)
