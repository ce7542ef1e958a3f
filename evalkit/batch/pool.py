"""The scheduler seam: descriptions in, outcomes out, in whatever order they end.

Each slot has a worker process of its own, so that a worker that dies takes only its own task with it and is replaced.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from evalkit.batch.processes import kill_tree

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


class Pool(Generic[Work, Outcome]):
    """Runs `function(work)` in `workers` processes; `lost(work)` makes the outcome of a task whose worker died.

    Use it as a context manager: leaving it ends every worker and the kernels below it, whatever happened.
    """

    def __init__(
        self,
        function: Callable[[Work], Outcome],
        *,
        workers: int,
        lost: Callable[[Work], Outcome],
        started: Callable[[Work], None],
    ) -> None:
        self._function = function
        self._workers = workers
        self._lost = lost
        self._started = started
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._open: set[_Worker] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, works: Sequence[Work]) -> Iterator[Outcome]:
        """Yield outcomes as they come; stop early with `close()`."""
        todo: queue.SimpleQueue[Work] = queue.SimpleQueue()
        for work in works:
            todo.put(work)
        events: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._slot, args=(todo, events), name=f"slot-{number}", daemon=True)
            for number in range(min(self._workers, len(works)))
        ]
        resource_tracker.ensure_running()  # its start would lift the mask of the slot that spawns first
        for thread in self._threads:
            thread.start()
        open_slots = len(self._threads)
        while open_slots:
            kind, item = events.get()
            if kind == "closed":
                open_slots -= 1
                if item is not None:
                    raise item
            elif kind == "started":
                self._started(item)
            else:
                yield item

    def close(self) -> None:
        """Start nothing more and kill what runs, kernels included."""
        self._stop.set()
        with self._lock:
            workers = list(self._open)
        for worker in workers:
            worker.kill()
        for thread in self._threads:
            thread.join(timeout=10)

    def _slot(self, todo: queue.SimpleQueue[Work], events: queue.SimpleQueue[tuple[str, Any]]) -> None:
        # A worker inherits this mask for life: Ctrl-C is for the parent, which then ends its workers. A handler would not do,
        # for nbclient sets its own and leaves Python's behind.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        worker: _Worker | None = None
        problem: BaseException | None = None
        try:
            while True:
                try:
                    work = todo.get_nowait()
                except queue.Empty:
                    break
                worker = worker or self._new_worker()
                if worker is None:
                    break
                events.put(("started", work))
                try:
                    events.put(("done", worker.do(work)))
                except (EOFError, OSError):
                    self._leave(worker)
                    worker = None
                    if not self._stop.is_set():
                        events.put(("done", self._lost(work)))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            problem = error
        finally:
            if worker is not None:
                self._leave(worker)
            events.put(("closed", problem))

    def _new_worker(self) -> _Worker | None:
        """Start a worker, unless the pool is closed."""
        with self._lock:
            if self._stop.is_set():
                return None
            worker = _Worker(self._function)
            self._open.add(worker)
            return worker

    def _leave(self, worker: _Worker) -> None:
        worker.end()
        with self._lock:
            self._open.discard(worker)


class _Worker:
    """A worker process and the line to it. Spawned, not forked: the parent has threads."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far, function), daemon=True)
        self._process.start()
        far.close()

    def do(self, work: Any) -> Any:
        """Return the outcome of a work; raises `EOFError` or `OSError` when the process dies meanwhile."""
        self._line.send(work)
        return self._line.recv()

    def end(self) -> None:
        """Let the process end, and make sure that it does."""
        self._line.close()
        self._process.join(timeout=5)
        self.kill()

    def kill(self) -> None:
        """Kill the process and its kernel."""
        if self._process.is_alive() and self._process.pid is not None:
            kill_tree(self._process.pid)


def _serve(line: Connection, function: Callable[[Any], Any]) -> None:
    """Work until the line is closed; end, kernel included, when the parent does."""
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    while True:
        try:
            work = line.recv()
        except EOFError:
            return
        line.send(function(work))


def _end_with_parent() -> None:
    """Wait for the end of the parent, then end at once: nobody holds the run folder for this task any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    kill_tree(os.getpid())
