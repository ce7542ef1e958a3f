"""Dask's plugins of a run: one in the scheduler, one in each worker. Loaded only when there is something to run: Dask takes a second."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin, WorkerPlugin

from evalkit.batch.cluster_worker import end_children, load, memory_of_trees
from evalkit.batch.processes import kill_tree
from evalkit.batch.warm import WarmParent, WarmUnavailableError

_MEMORY_EVERY = 5.0  # seconds; the pages of three processes are counted


class OneAttempt(SchedulerPlugin):
    """Makes the death of a worker the end of the tasks it held: whether one runs again is for the ledger to decide.

    Tasks of others on the same cluster keep the number of deaths that their scheduler allows.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def update_graph(self, scheduler: Any, *, tasks: list[Any], **_: Any) -> None:
        """Mark the tasks of the run as they arrive."""
        for key in tasks:
            if str(key).startswith(self.name):
                scheduler.tasks[key].suspicious = scheduler.allowed_failures


class Caretaker(WorkerPlugin):
    """Stays with a worker: has its warm parent and its libraries ready, says how much memory its processes hold, lets none of them outlive it.

    `ours`: the worker was started for this run and does nothing else; `door`: where its warm parent is forked.
    """

    def __init__(self, name: str, topic: str, *, warm: bool, ours: bool, door: str | None = None) -> None:
        self.name = name
        self._topic = topic
        self._warm = warm
        self._ours = ours
        self._door = door
        self._ended: threading.Event | None = None

    def setup(self, worker: Any) -> None:
        """Begin with a worker that is there, or has just joined."""
        self._ended = threading.Event()
        WarmParent.of_this_process().root = self._door
        threading.Thread(target=self._watch, args=(worker, self._ended), name="evalkit-memory", daemon=True).start()
        if self._warm:
            threading.Thread(target=load, kwargs={"ours": self._ours}, name="evalkit-load", daemon=True).start()
        if multiprocessing.parent_process() is not None:
            threading.Thread(target=_end_with_parent, name="evalkit-parent", daemon=True).start()

    def teardown(self, worker: Any) -> None:
        """End with the run, or with the worker."""
        if self._ended is not None:
            self._ended.set()
        WarmParent.of_this_process().close()
        end_children()

    def _watch(self, worker: Any, ended: threading.Event) -> None:
        # The warm parent ends with the thread that started it: this one lives as long as the worker works for the run.
        if self._warm:
            with contextlib.suppress(WarmUnavailableError):  # kernels then start afresh, one by one
                WarmParent.of_this_process().start()
        while not ended.wait(_MEMORY_EVERY):
            with contextlib.suppress(RuntimeError):  # the worker is closing
                worker.log_event(self._topic, {"worker": worker.address, "bytes": self._held()})

    def _held(self) -> int:
        """Return the memory of this worker, of its warm parent and of its kernel; the parent may have been forked by another process."""
        return memory_of_trees(os.getpid(), WarmParent.of_this_process().pid)


def _end_with_parent() -> None:
    """Wait for the end of the parent, then end at once: nobody holds the run folder for this task any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    kill_tree(os.getpid())
