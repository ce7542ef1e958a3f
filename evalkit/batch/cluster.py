"""The Dask cluster of a run: a private one on this machine, or one that is there already and that others may use too."""

from __future__ import annotations

import logging
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from evalkit.batch import codes
from evalkit.batch.cluster_worker import greet
from evalkit.batch.interrupts import deferred_interrupts, signals_for_us
from evalkit.batch.processes import kill_strays, kill_tree, socket_folder
from evalkit.batch.warm import Reading, warm_root
from evalkit.errors import RunError

TASK_MEMORY = 500_000_000  # a worker with its warm parent and its kernel, measured on the demo, rounded up
_BARE: dict[str, Any] = {
    "distributed.scheduler.http.routes": [],  # no pages
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,  # samples the stack of each task a hundred times a second
    "distributed.admin.tick.interval": "1s",  # each process looks at its own event loop fifty times a second
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.scheduler.active-memory-manager.start": False,  # outcomes are small and go nowhere else
}
"""How a private cluster differs from Dask's own settings: nobody looks at it, and what watches it costs a tenth of a report."""
_PATIENCE = 60.0  # seconds that a scheduler may take to answer, and its first worker to join
_STOPPING = 10.0


class Cluster:
    """Workers that wait for tasks, one at a time each. `name` is this run's own on a cluster that several share."""

    def __init__(self, client: Any, name: str, local: Any = None) -> None:
        self.client = client
        self.name = name
        self._local = local

    @property
    def topic(self) -> str:
        """Return the topic under which workers say that they start a task."""
        return f"{self.name}-start"

    @property
    def memory_topic(self) -> str:
        """Return the topic under which workers say how much memory they and their children hold."""
        return f"{self.name}-memory"

    @property
    def is_private(self) -> bool:
        """Say whether the workers were started for this run alone."""
        return self._local is not None

    def slots(self) -> int:
        """Return how many tasks can run at once now."""
        return sum(worker["nthreads"] for worker in self.client.scheduler_info()["workers"].values())

    def is_lost(self, patience: float = 0.0) -> bool:
        """Say whether the scheduler no longer answers; a client may need a moment to notice."""
        limit = time.monotonic() + patience
        while self.client.status == "running" and time.monotonic() < limit:
            time.sleep(0.05)
        return bool(self.client.status != "running")

    def stop(self, work: Path) -> None:
        """End what runs below the work folder of a run, on every machine; private workers are killed with their children."""
        if self._local is not None:
            for nanny in self._local.workers.values():
                nanny.close_gracefully()  # else it would start another worker
                if nanny.pid is not None:
                    kill_tree(nanny.pid)
        elif not self.is_lost():
            _within(_STOPPING, lambda: self.client.run(kill_strays, work, on_error="ignore"))


@contextmanager
def open_cluster(
    workers: int, scheduler: str | None, token: str, *, warm: bool = False, reading: Reading | None = None
) -> Iterator[Cluster]:
    """Start a private cluster, or join the one at an address; leave it as it was found, with nothing of ours running on it.

    With `warm` each worker has its warm parent started while it waits; on this machine all are forked from one process, made ready
    for what is read (`reading`).
    """
    name = f"evalkit-{token}"
    with _quiet_logs():
        if scheduler is None:
            root = warm_root(reading) if warm else nullcontext()
            with root as door, _private(workers) as (local, client):
                yield _ready(Cluster(client, name, local), warm=warm, door=door)
        else:
            with _joined(scheduler) as client:
                cluster = _ready(Cluster(client, name), warm=warm)
                try:
                    yield cluster
                finally:
                    _leave(cluster)


def require_same_evalkit(cluster: Cluster, held: Path | None, token: str) -> None:
    """Raise `RunError` when a worker cannot do the tasks of this run: another evalkit, several threads, another disk."""
    mine = greet(None, token, threads=1)
    answers = cluster.client.run(_greeting, held, token, on_error="return")
    for address, answer in sorted(answers.items()):
        if not isinstance(answer, dict):
            raise RunError.of(codes.WORKER_WITHOUT, worker=address, reason=type(answer).__name__)
        if (answer["version"], answer["source"]) != (mine["version"], mine["source"]):
            raise RunError.of(codes.OTHER_VERSION, worker=address, found=answer["version"], wanted=mine["version"])
        if answer["threads"] != 1:
            raise RunError.of(codes.MANY_THREADS, worker=address, threads=answer["threads"])
        if not answer["sees"]:
            raise RunError.of(codes.NOT_SHARED, worker=address, folder=str(held))


def default_workers() -> int:
    """Return how many tasks run at once: one a core, as far as the memory goes."""
    import psutil

    fitting = int(psutil.virtual_memory().available // TASK_MEMORY)
    return max(1, min(len(os.sched_getaffinity(0)), fitting))


def _greeting(held: Path | None, token: str, dask_worker: Any) -> dict[str, Any]:
    return greet(held, token, threads=dask_worker.state.nthreads)


@contextmanager
def _private(workers: int) -> Iterator[tuple[Any, Any]]:
    """A cluster of this run alone: encrypted with a certificate made for it, on the loopback, without a dashboard."""
    import dask

    distributed = _distributed()
    options: dict[str, Any] = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "scheduler_kwargs": {"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        "memory_limit": 0,  # a kernel has its own limit; Dask would count the worker alone
        "silence_logs": logging.CRITICAL,
    }
    with socket_folder() as folder, _ended() as opened:  # swept by the next run if this one is killed
        with deferred_interrupts(), signals_for_us(), dask.config.set(_BARE):
            security = distributed.security.Security.temporary()
            local = distributed.LocalCluster(local_directory=str(folder), security=security, **options)
            opened.append(local)
            client = distributed.Client(local, set_as_default=False)
            opened.append(client)
        yield local, client


@contextmanager
def _joined(address: str) -> Iterator[Any]:
    with _ended() as opened:
        try:
            with deferred_interrupts():
                client = _distributed().Client(address, set_as_default=False, timeout=_PATIENCE / 4)
                opened.append(client)
        except (OSError, ValueError) as error:
            raise RunError.of(codes.NO_SCHEDULER, address=address, reason=type(error).__name__) from error
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError as error:
            raise RunError.of(codes.NO_WORKERS, address=address) from error
        yield client


@contextmanager
def _ended() -> Iterator[list[Any]]:
    """Close what was opened, the last first; an interruption waits until that is done."""
    opened: list[Any] = []
    try:
        yield opened
    finally:
        with deferred_interrupts():
            for one in reversed(opened):
                one.close()


def _ready(cluster: Cluster, *, warm: bool, door: str | None = None) -> Cluster:
    """Install what looks after our tasks, on the scheduler and on each worker that is there or joins later."""
    from evalkit.batch.cluster_plugins import Caretaker, OneAttempt

    try:
        cluster.client.register_plugin(OneAttempt(cluster.name))
    except ImportError as error:
        raise RunError.of(codes.SCHEDULER_WITHOUT, reason=type(error).__name__) from error
    ours = cluster.is_private
    cluster.client.register_plugin(Caretaker(cluster.name, cluster.memory_topic, warm=warm, ours=ours, door=door))
    return cluster


def _leave(cluster: Cluster) -> None:
    """Take our plugins away from a cluster that others use."""
    if not cluster.is_lost():
        _within(_STOPPING, lambda: cluster.client.unregister_worker_plugin(cluster.name))
        _within(_STOPPING, lambda: cluster.client.unregister_scheduler_plugin(cluster.name))


def _within(seconds: float, call: Callable[[], object]) -> None:
    """Call something that may never answer, and go on after some seconds."""
    thread = threading.Thread(target=call, name="cluster", daemon=True)
    thread.start()
    thread.join(seconds)


def _distributed() -> Any:
    """Return Dask's library, whose types are not complete: it is called through here."""
    import distributed
    import distributed.security

    return distributed


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Keep what Dask logs from the terminal: the ledger and the display say what happened."""
    _distributed()  # sets levels of its own when it is imported: of the loggers that say a lost scheduler at length too
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]
    levels = {log: log.level for log in map(logging.getLogger, names) if log.level != logging.NOTSET}
    for log in levels:
        log.setLevel(logging.CRITICAL)
    for name in (
        "asyncio",
        "tornado.application",
    ):  # for good: a lost scheduler's remains are told when they are forgotten
        logging.getLogger(name).addFilter(_not_of_dask)
    try:
        yield
    finally:
        for log, level in levels.items():
            log.setLevel(level)


def _not_of_dask(record: logging.LogRecord) -> bool:
    """Let through what other libraries leave unsaid in an event loop, not what Dask does when a connection breaks."""
    found = record.exc_info[1] if record.exc_info else None
    frames = traceback.walk_tb(found.__traceback__) if found is not None else ()
    return not any("distributed" in Path(frame.f_code.co_filename).parts for frame, _ in frames)
