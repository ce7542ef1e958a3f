"""The books of a run while it is carried out: the ledger, what is published, and some room on the disk for both."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

from evalkit.batch.execute import Work
from evalkit.batch.reads import keep_lists
from evalkit.data.storage import StoreError
from evalkit.errors import Code, Problem, RunError
from evalkit.model.run import DONE, Task, TaskRecord, TaskState
from evalkit.runs import Ledger, RunFolder
from evalkit.runs.codes import LEDGER_FULL, STORE_GONE

TASK_BYTES = 700_000  # a published report with its data and its notebook, measured on the demo, rounded up
RESERVE_BYTES = 4_000_000  # kept free so that the ledger and the portfolio can be written when the disk fills up
PASSING: frozenset[TaskState] = frozenset({"failed_kernel", "failed_worker"})
"""The ends of a task whose cause can pass."""
PASSING_IF_ASKED: frozenset[TaskState] = frozenset({"failed_timeout"})
"""The same, but mostly it comes back."""


class Listener(Protocol):
    """What a display wants to hear of a run."""

    def begin(self, total: int, kept: int) -> None:
        """`total` tasks will run, `kept` are already published."""

    def start(self, task: Task) -> None:
        """A task has started."""

    def again(self, record: TaskRecord) -> None:
        """A task has ended in a way that can pass, and will be tried again."""

    def done(self, record: TaskRecord) -> None:
        """A task has ended."""

    def memory(self, held: int) -> None:
        """The workers and their kernels hold so many bytes."""


def cancel_all(ledger: Ledger, folder: RunFolder, code: Code, records: Iterable[TaskRecord]) -> None:
    """Cancel tasks and withdraw what is published of them."""
    for record in records:
        with suppress(StoreError):  # unreachable: the next execution withdraws it
            folder.withdraw(record)
        ledger.cancel(record, Problem(code, {"folder": folder.run_id, "reason": ""}).message(record.lang))


def withdraw_planned(ledger: Ledger, folder: RunFolder) -> None:
    """Withdraw what is published of tasks that wait to be made again: it is not what the run would say now."""
    for record in ledger.brief("planned"):
        if folder.is_published(record):
            with suppress(StoreError):
                folder.withdraw(record)


class Keeper:
    """Keeps the books of a run. `retries` is how often a task that ended in one of the `passing` states is tried again."""

    def __init__(
        self,
        ledger: Ledger,
        folder: RunFolder,
        listener: Listener,
        token: str,
        retries: int,
        passing: frozenset[TaskState] = PASSING,
    ) -> None:
        self._ledger = ledger
        self._folder = folder
        self._listener = listener
        self._token = token
        self._retries = retries
        self._passing = passing
        self._tries: Counter[str] = Counter()
        self._file = folder.private / "reserve"

    def started(self, work: Work, worker: str) -> None:
        """Note that a task runs."""
        self._tries[work.task.id] += 1
        self._write(lambda: self._ledger.start(work.task, worker))
        self._listener.start(work.task)

    def tries_again(self, work: Work, record: TaskRecord) -> bool:
        """Say whether a task is worth another try, and note that it waits for it."""
        if record.lasting or record.state not in self._passing or self._tries[work.task.id] > self._retries:
            return False
        self._write(lambda: self._ledger.plan([work.task]))
        self._listener.again(record)
        return True

    def tick(self, memory: int) -> None:
        """Say how much memory is held, and keep a copy of the ledger when it is time; a storage that is away may come back."""
        self._listener.memory(memory)
        with suppress(StoreError):
            self._folder.keep(self._ledger, self._token)

    def finished(self, record: TaskRecord) -> None:
        """Note how a task ended; of one that failed nothing stays published, for readers would take it for its result."""
        if record.state not in DONE:
            with suppress(StoreError):
                self._folder.withdraw(record)
        self._write(lambda: self._ledger.finish(keep_lists(self._ledger, record)))
        self._listener.done(record)

    def cancel(self, code: Code, *states: TaskState) -> None:
        """Cancel the tasks that are in one of the states."""
        self._write(lambda: cancel_all(self._ledger, self._folder, code, self._ledger.brief(*states)))

    def withdraw_planned(self) -> None:
        """Withdraw what an earlier execution published of tasks that this one was to make again, and did not come to."""
        withdraw_planned(self._ledger, self._folder)

    def obstacle(self) -> Code | None:
        """Return why no further task can be stored, None when the next one can be tried."""
        try:
            self._folder.keep(self._ledger, self._token, now=True)
        except StoreError:
            return STORE_GONE
        return None if self._has_room() else LEDGER_FULL

    def _has_room(self) -> bool:
        """Give up the reserve, and take it again when the disk has room for it and a task."""
        self.release()
        room = shutil.disk_usage(self._folder.root).free >= RESERVE_BYTES + TASK_BYTES
        if room:
            self.reserve()
        return room

    def reserve(self) -> None:
        """Take some room on the disk; random bytes, for some file systems keep zeros in no room."""
        self._file.write_bytes(os.urandom(RESERVE_BYTES))

    def release(self) -> None:
        """Give the room back."""
        self._file.unlink(missing_ok=True)

    def _write(self, write: Callable[[], None]) -> None:
        """Write into the ledger; on a full disk once more, in the room of the reserve."""
        try:
            write()
        except RunError as error:
            if error.problems[0].code is not LEDGER_FULL or not self._file.exists():
                raise
            self.release()
            write()
