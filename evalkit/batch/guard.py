"""A guard beside each kernel: it ends a notebook that takes too long or too much memory, and notes how much it took."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from evalkit.batch.memory import cap, killed_for_memory, resident
from evalkit.batch.processes import kill_tree
from evalkit.batch.watch import Watch

_STEP = 0.05  # seconds between two looks


def kill_kernel(manager: Any) -> bool:
    """Kill a kernel and its children at once; return whether there was a process to kill."""
    pid = _running(manager)
    return pid is not None and kill_tree(pid)


def _running(manager: Any) -> int | None:
    """Return the number of the kernel's process while it runs; a number of one that ended may be another's by now."""
    process = getattr(manager.provisioner, "process", None)
    return None if process is None or process.poll() is not None else int(process.pid)


@contextmanager
def guarded(manager: Any, watch: Watch) -> Iterator[None]:
    """Kill the kernel when the whole notebook has used up its time or its memory; nbclient then raises `DeadKernelError`.

    A kernel that is still being started has no process yet: it is killed as soon as it has one.
    """
    finished = threading.Event()
    kernel: list[Any] = []
    thread = threading.Thread(target=_look_after, args=(manager, watch, finished, kernel), name="guard", daemon=True)
    before = killed_for_memory()
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()
        watch.starved |= not watch.expired and _may_be_killed(kernel) and killed_for_memory() > before


def _may_be_killed(kernel: Sequence[Any]) -> bool:
    """Say whether a kernel may have ended as the system ends processes for want of memory: one that crashed by itself did not."""
    return not kernel or kernel[-1].poll() in (None, -signal.SIGKILL)


def _look_after(manager: Any, watch: Watch, finished: threading.Event, kernel: list[Any]) -> None:
    limit = None if watch.timeout is None else time.monotonic() + watch.timeout
    capped = False
    while not finished.wait(_STEP):
        watch.expired = limit is not None and time.monotonic() > limit
        pid = _running(manager)
        if pid is not None and not kernel:
            kernel.append(manager.provisioner.process)
        if pid is not None:
            held = resident(pid)
            watch.peak_memory = max(watch.peak_memory, held)
            if watch.memory_limit is not None:
                if not capped:
                    cap(pid, watch.memory_limit)
                    capped = True
                watch.starved = held > watch.memory_limit
        if watch.expired or watch.starved:
            while not kill_kernel(manager) and not finished.wait(_STEP):
                pass
            return
