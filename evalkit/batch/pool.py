"""The scheduler seam: descriptions in, outcomes out, in whatever order they end.

Each slot is a process pool of one, so that a worker that dies takes only its own task with it and is replaced.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Generic, TypeVar

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")


def _ignore_interrupts() -> None:
    """Ctrl-C is for the parent, which then stops its workers itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class Pool(Generic[Work, Outcome]):
    """Runs `function(work)` in `workers` processes; `lost(work)` makes the outcome of a task whose worker died."""

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

    def run(self, works: Sequence[Work]) -> Iterator[Outcome]:
        """Yield outcomes as they come; stop early with `close()`."""
        todo: queue.SimpleQueue[Work] = queue.SimpleQueue()
        for work in works:
            todo.put(work)
        events: queue.SimpleQueue[tuple[str, Work | Outcome | BaseException | None]] = queue.SimpleQueue()
        threads = [
            threading.Thread(target=self._slot, args=(todo, events), name=f"slot-{number}", daemon=True)
            for number in range(max(1, min(self._workers, len(works))))
        ]
        for thread in threads:
            thread.start()
        open_slots = len(threads)
        while open_slots:
            kind, item = events.get()
            if kind == "closed":
                open_slots -= 1
                if isinstance(item, BaseException):
                    raise item
            elif kind == "started":
                self._started(item)  # type: ignore[arg-type] # the event says what it carries
            else:
                yield item  # type: ignore[misc] # the event says what it carries

    def _slot(self, todo: queue.SimpleQueue[Work], events: queue.SimpleQueue[tuple[str, object]]) -> None:
        executor = None
        problem: BaseException | None = None
        try:
            while not self._stop.is_set():
                try:
                    work = todo.get_nowait()
                except queue.Empty:
                    break
                executor = executor or _one_process()
                events.put(("started", work))
                try:
                    events.put(("done", executor.submit(self._function, work).result()))
                except BrokenProcessPool:
                    executor.shutdown(wait=False)
                    executor = None
                    if not self._stop.is_set():
                        events.put(("done", self._lost(work)))
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            problem = error
        finally:
            if executor is not None:
                executor.shutdown(wait=False, cancel_futures=True)
            events.put(("closed", problem))

    def close(self) -> None:
        """Start nothing more and kill what runs, kernels included."""
        import psutil

        self._stop.set()
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if "resource_tracker" not in " ".join(child.cmdline()):
                    child.kill()


def _one_process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_ignore_interrupts)
