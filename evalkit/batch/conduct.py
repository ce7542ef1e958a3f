"""Carrying out the tasks of a run: each event into the ledger as it comes, whatever ends the run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from evalkit.batch import codes
from evalkit.batch.execute import Work, execute, lost
from evalkit.batch.pool import Pool
from evalkit.batch.processes import kill_strays, sweep_socket_folders
from evalkit.errors import Code, Problem, RunError
from evalkit.model.run import DONE, Task, TaskRecord, TaskState
from evalkit.runs import Ledger, RunFolder
from evalkit.runs.codes import GONE, LEDGER_FULL
from evalkit.runs.files import sweep_drafts

TASK_BYTES = 700_000  # a published report with its data and its notebook, measured on the demo, rounded up
RESERVE_BYTES = 4_000_000  # kept free so that the ledger and the portfolio can be written when the disk fills up


class Listener(Protocol):
    """What a display wants to hear of a run."""

    def begin(self, total: int, kept: int) -> None:
        """`total` tasks will run, `kept` are already published."""

    def start(self, task: Task) -> None:
        """A task has started."""

    def done(self, record: TaskRecord) -> None:
        """A task has ended."""


def conduct(works: Sequence[Work], ledger: Ledger, folder: RunFolder, workers: int, listener: Listener) -> bool:
    """Run the works; return whether the user interrupted."""
    keeper = _Keeper(ledger, folder, listener)
    pool: Pool[Work, TaskRecord] = Pool(execute, workers=workers, lost=lost, started=keeper.started)
    try:
        keeper.reserve()
        with pool:
            for record in pool.run(works):
                keeper.finished(record)
                if record.state == "failed_storage" and not keeper.has_room():
                    pool.close()
                    keeper.cancel(LEDGER_FULL, "running", "planned")
                    break
    except KeyboardInterrupt:
        keeper.cancel(codes.INTERRUPTED, "running")
        return True
    finally:
        keeper.release()
        clear_leftovers(folder)
    return False


def clear_leftovers(folder: RunFolder) -> None:
    """Remove what tasks leave behind when their processes are killed: their children, their directories, half-written files."""
    kill_strays(folder.work)
    shutil.rmtree(folder.work, ignore_errors=True)
    sweep_drafts(folder.root)
    sweep_socket_folders()


def reconcile(ledger: Ledger, folder: RunFolder, every: Iterable[Task]) -> None:
    """Make the ledger of an earlier execution say what is true now, before anything runs.

    Tasks that were running when all was killed are cancelled, what the plan no longer holds is withdrawn, and what was
    published but is no longer there is cancelled.
    """
    known = {task.id for task in every}
    gone = [r for r in ledger.records() if f"{r.lang}/{r.template}/{r.territory}" not in known]
    for record in gone:
        folder.withdraw(record)
    ledger.forget(gone)
    _cancel(ledger, folder, codes.INTERRUPTED, lambda record: record.state == "running")
    _cancel(ledger, folder, GONE, lambda record: record.state in DONE and not folder.is_published(record))


def _cancel(ledger: Ledger, folder: RunFolder, code: Code, chosen: Callable[[TaskRecord], bool]) -> None:
    for record in filter(chosen, ledger.records()):
        folder.withdraw(record)
        ledger.cancel(record, Problem(code, {"folder": folder.run_id}).message(record.lang))


class _Keeper:
    """Keeps the books of a run: the ledger, what is published, and some room on the disk for both."""

    def __init__(self, ledger: Ledger, folder: RunFolder, listener: Listener) -> None:
        self._ledger = ledger
        self._folder = folder
        self._listener = listener
        self._file = folder.private / "reserve"

    def started(self, work: Work) -> None:
        """Note that a task runs."""
        self._write(lambda: self._ledger.start(work.task))
        self._listener.start(work.task)

    def finished(self, record: TaskRecord) -> None:
        """Note how a task ended; of one that failed nothing stays published, for readers would take it for its result."""
        if record.state not in DONE:
            self._folder.withdraw(record)
        self._write(lambda: self._ledger.finish(record))
        self._listener.done(record)

    def cancel(self, code: Code, *states: TaskState) -> None:
        """Cancel the tasks that are in one of the states."""
        self._write(lambda: _cancel(self._ledger, self._folder, code, lambda record: record.state in states))

    def has_room(self) -> bool:
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
