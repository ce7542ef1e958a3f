"""Carrying out the tasks of a run: each event into the ledger as it comes, whatever ends the run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from evalkit.batch import codes
from evalkit.batch.cluster import Cluster, open_cluster, require_same_evalkit
from evalkit.batch.execute import Work, execute, lost
from evalkit.batch.interrupts import deferred_interrupts
from evalkit.batch.keeper import PASSING, RESERVE_BYTES, TASK_BYTES, Keeper, Listener, cancel_all, withdraw_planned
from evalkit.batch.pool import Pool, SchedulerLostError
from evalkit.batch.power import note_written, was_cut
from evalkit.batch.processes import kill_strays, sweep_socket_folders
from evalkit.batch.reads import keep_lists
from evalkit.batch.takeover import is_whole
from evalkit.batch.warm import Reading
from evalkit.errors import RunError
from evalkit.model.run import DONE, Task, TaskRecord, TaskState
from evalkit.runs import Ledger, RunFolder
from evalkit.runs.codes import GONE
from evalkit.runs.files import sweep_drafts

__all__ = ["RESERVE_BYTES", "TASK_BYTES", "Crew", "Listener", "clear_leftovers", "conduct", "reconcile"]


@dataclass(frozen=True)
class Crew:
    """Who carries out the tasks: so many workers on this machine (none: nothing is to be done), or those of a scheduler.

    `warm` says where kernels come from, `reading` what they read; a task that ends in one of the `passing` states is tried again
    `retries` times.
    """

    workers: int
    token: str
    scheduler: str | None = None
    warm: bool = True
    retries: int = 1
    passing: frozenset[TaskState] = PASSING
    reading: Reading | None = None


def conduct(
    works: Callable[[], Iterable[Iterable[Work]]], ledger: Ledger, folder: RunFolder, crew: Crew, listener: Listener
) -> bool:
    """Run the works; return whether the user interrupted. They are asked for, some after the others, while workers start and work."""
    keeper = Keeper(ledger, folder, listener, crew.token, crew.retries, crew.passing)
    try:
        keeper.reserve()
        if crew.workers:
            opened = open_cluster(crew.workers, crew.scheduler, crew.token, warm=crew.warm, reading=crew.reading)
            with opened as cluster:
                if crew.scheduler is not None:
                    require_same_evalkit(cluster, folder.shared_file(), crew.token)
                _carry_out(works(), cluster, keeper, folder)
    except KeyboardInterrupt:
        keeper.cancel(codes.INTERRUPTED, "running")
        keeper.withdraw_planned()
        return True
    except Exception:
        # whatever ends a run while tasks run, as a stage that cannot be computed: none of them still does
        with suppress(RunError):  # the ledger itself may be what failed; the next execution then says so
            keeper.cancel(codes.INTERRUPTED, "running")
            keeper.withdraw_planned()
        raise
    finally:
        keeper.release()
        clear_leftovers(folder)
    return False


def _carry_out(works: Iterable[Iterable[Work]], cluster: Cluster, keeper: Keeper, folder: RunFolder) -> None:
    """Run the works on a cluster; whatever ends this, nothing runs on afterwards."""
    pool: Pool[Work, TaskRecord] = Pool(execute, cluster, lost=lost, started=keeper.started, tick=keeper.tick)
    try:
        for work, record in pool.run((), works):
            if keeper.tries_again(work, record):
                pool.again(work)
                continue
            keeper.finished(record)
            obstacle = keeper.obstacle() if record.state == "failed_storage" else None
            if obstacle is not None:
                keeper.cancel(obstacle, "running", "planned")
                break
    except SchedulerLostError as error:
        for work in error.running:
            keeper.finished(lost(work, codes.SCHEDULER_LOST))
        keeper.cancel(codes.SCHEDULER_LOST, "running", "planned")
    finally:
        with deferred_interrupts():
            pool.close(folder.work)


def clear_leftovers(folder: RunFolder) -> None:
    """Remove what tasks leave behind when their processes are killed: their children, their directories, half-written files."""
    kill_strays(folder.work)
    shutil.rmtree(folder.work, ignore_errors=True)
    shutil.rmtree(folder.earlier, ignore_errors=True)
    sweep_drafts(folder.root)
    sweep_socket_folders()


def reconcile(ledger: Ledger, folder: RunFolder, every: Iterable[Task]) -> None:
    """Make the ledger of an earlier execution say what is true now, before anything runs.

    Tasks that were running when all was killed are cancelled, what the plan no longer holds is withdrawn, as are the old pages of
    tasks that wait to be made again, and what was published but is no longer there is cancelled. After a power cut what is there is
    compared with what was noted of it, byte for byte.
    """
    known = {task.id for task in every}
    gone = [r for r in ledger.brief() if f"{r.lang}/{r.template}/{r.territory}" not in known]
    for record in gone:
        folder.withdraw(record)
    ledger.forget(gone)
    _adopt(ledger, folder)
    withdraw_planned(ledger, folder)
    cancel_all(ledger, folder, codes.INTERRUPTED, ledger.brief("running"))
    cut = was_cut(ledger) and folder.place == str(folder.root)  # object storage has what it said it has

    def is_there(record: TaskRecord) -> bool:
        return folder.is_published(record) and (not cut or is_whole(folder, record))

    done = ledger.each(*DONE) if cut else ledger.brief(*DONE)
    cancel_all(ledger, folder, GONE, (record for record in done if not is_there(record)))
    if cut:
        note_written(ledger)


def _adopt(ledger: Ledger, folder: RunFolder) -> None:
    """Enter what was published but not told in the copy of the ledger that survived."""
    for record in ledger.brief("planned", "running"):
        told = folder.told(record)
        if told is not None and told.key == record.key:
            ledger.finish(keep_lists(ledger, told))
