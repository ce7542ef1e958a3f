"""The scheduler seam: descriptions in, outcomes out, in whatever order they end, through Dask.

Few tasks are given to the scheduler at a time. A worker that dies takes only its own task with it; no task runs a second time
unless `again` asks for it.
"""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from evalkit.batch.cluster import Cluster
from evalkit.batch.cluster_worker import perform

Work = TypeVar("Work")
Outcome = TypeVar("Outcome")

_IN_FLIGHT = 4  # tasks a worker: enough for no worker to wait, little to take back
_IN_FLIGHT_AHEAD = 16  # the same while something is prepared here, for seconds at a time
_UNSEEN = 10  # times that a task may lose its worker before anybody heard that it started
_TICK = 1.0
_RECENT = 12.0  # seconds during which what a worker said of its memory holds
_DESERTED = 300.0  # seconds without any worker after which a run ends


class SchedulerLostError(Exception):
    """The scheduler no longer answers, or has had no worker for long; `running` are the works that had started."""

    def __init__(self, running: list[Any]) -> None:
        super().__init__("scheduler lost")
        self.running = running


@dataclass
class _Sent(Generic[Work]):
    """A work that the scheduler has."""

    work: Work
    future: Any  # distributed.Future
    seen: bool = False


class Pool(Generic[Work, Outcome]):
    """Runs `function(work)` on a cluster; `lost(work)` makes the outcome of a task whose worker died.

    `started(work, worker)` is called when a worker has really begun; `tick(memory)` each second, with the bytes held by the workers'
    processes.
    """

    def __init__(
        self,
        function: Callable[[Work], Outcome],
        cluster: Cluster,
        *,
        lost: Callable[[Work], Outcome],
        started: Callable[[Work, str], None],
        tick: Callable[[int], None] = lambda _: None,
        deserted: float = _DESERTED,
    ) -> None:
        self._function = function
        self._cluster = cluster
        self._lost = lost
        self._started = started
        self._tick = tick
        self._deserted = deserted
        self._todo: deque[tuple[Work, int]] = deque()
        self._sent: dict[str, _Sent[Work]] = {}
        self._unseen: dict[str, int] = {}
        self._events: queue.SimpleQueue[tuple[str, str, str]] = queue.SimpleQueue()
        self._memory: dict[str, tuple[float, int]] = {}
        self._number = 0
        self._slots = 0
        self._counted = 0.0
        self._ticked = 0.0
        self._worked = time.monotonic()

    def run(self, works: Iterable[Work], later: Iterable[Iterable[Work]] = ()) -> Iterator[tuple[Work, Outcome]]:
        """Yield each work with its outcome as they come; raises `SchedulerLostError` when no more can come.

        `later` are works that take time to prepare: it is asked for its next ones, which may be none, while others run.
        """
        self._todo.extend((work, 0) for work in works)
        coming = iter(later)
        ahead = True
        client = self._cluster.client
        client.subscribe_topic(self._cluster.topic, self._note_start)
        client.subscribe_topic(self._cluster.memory_topic, self._note_memory)
        try:
            while ahead or self._todo or self._sent:
                self._require_scheduler()
                with self._reaching():
                    self._fill(_IN_FLIGHT_AHEAD if ahead else _IN_FLIGHT)
                if ahead:
                    more = next(coming, None)
                    self._worked = time.monotonic()  # nobody looked meanwhile
                    ahead = more is not None
                    self._todo.extend((work, 0) for work in more or ())
                    yield from self._heard()
                else:
                    yield from self._next()
        finally:
            if not self._cluster.is_lost():
                client.unsubscribe_topic(self._cluster.topic)
                client.unsubscribe_topic(self._cluster.memory_topic)

    def again(self, work: Work) -> None:
        """Run a work once more, after the others."""
        self._todo.append((work, 0))

    def close(self, work_folder: Path) -> None:
        """Start nothing more and kill what runs, kernels included."""
        self._todo.clear()
        futures = [sent.future for sent in self._sent.values()]
        self._sent.clear()
        if futures and not self._cluster.is_lost():
            self._cluster.client.cancel(futures, force=True)
        self._cluster.stop(work_folder)

    def _fill(self, most: int) -> None:
        """Give the scheduler some tasks, so many a worker, not all of them."""
        now = time.monotonic()
        if now - self._counted > 1:
            self._slots, self._counted = self._cluster.slots(), now
        if self._slots:
            self._worked = now
        while self._todo and len(self._sent) < most * max(1, self._slots):
            work, unseen = self._todo.popleft()
            key = f"{self._cluster.name}-{self._number}"
            self._number += 1
            future = self._cluster.client.submit(
                perform, self._function, work, key, self._cluster.topic, key=key, pure=False, retries=0
            )  # fmt: skip
            self._sent[key] = _Sent(work, future)
            self._unseen[key] = unseen
            future.add_done_callback(lambda _, key=key: self._events.put(("end", key, "")))

    def _heard(self) -> Iterator[tuple[Work, Outcome]]:
        """Take in all that has happened, without waiting for more."""
        for _ in range(self._events.qsize()):
            yield from self._next()

    def _next(self) -> Iterator[tuple[Work, Outcome]]:
        if time.monotonic() - self._ticked > _TICK:
            self._ticked = time.monotonic()
            self._tick(self._held())
        try:
            kind, key, worker = self._events.get(timeout=_TICK / 2)
        except queue.Empty:
            return
        sent = self._sent.get(key)
        if sent is None:
            return
        if kind == "start":
            sent.seen = True
            self._started(sent.work, worker)
        elif sent.future.status != "cancelled":  # cancelled: the scheduler is gone, which is noticed next
            yield from self._ended(key, sent)

    def _ended(self, key: str, sent: _Sent[Work]) -> Iterator[tuple[Work, Outcome]]:
        unseen = self._unseen.pop(key) + 1
        outcome: Outcome
        if sent.future.status == "finished":
            with self._reaching():
                outcome = sent.future.result()
            del self._sent[key]
        elif not sent.seen and unseen < _UNSEEN:  # it only waited at a worker that died
            del self._sent[key]
            self._todo.appendleft((sent.work, unseen))
            return
        else:
            del self._sent[key]
            outcome = self._lost(sent.work)
        if not sent.seen:
            self._started(sent.work, "")
        sent.future.release()
        yield sent.work, outcome

    def _note_start(self, event: tuple[float, dict[str, Any]]) -> None:
        self._events.put(("start", event[1]["key"], event[1]["worker"]))

    def _note_memory(self, event: tuple[float, dict[str, Any]]) -> None:
        self._memory[event[1]["worker"]] = (time.monotonic(), event[1]["bytes"])

    def _held(self) -> int:
        """Return the bytes of the workers that were heard lately."""
        recent = time.monotonic() - _RECENT
        return sum(held for heard, held in self._memory.copy().values() if heard > recent)

    def _require_scheduler(self) -> None:
        gone = self._cluster.is_lost() or any(sent.future.status == "cancelled" for sent in self._sent.values())
        if gone or time.monotonic() - self._worked > self._deserted:
            raise self._gone()

    def _gone(self) -> SchedulerLostError:
        running = [sent.work for sent in self._sent.values() if sent.seen]
        self._sent.clear()
        return SchedulerLostError(running)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Turn whatever Dask raises when its scheduler goes away into one error."""
        try:
            yield
        except Exception as error:
            if not self._cluster.is_lost(patience=2.0):
                raise
            raise self._gone() from error
