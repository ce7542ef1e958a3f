"""A Dask scheduler and its workers as an administrator starts them: programs of their own, joined by an address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from small_projects import wait_for


@dataclass
class Machines:
    """A scheduler and the workers that were added to it."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker process under its nanny and wait until it has joined."""
        before = self.joined()
        command = ["worker", self.address, "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
        folder = ["--local-directory", str(self.folder)]
        worker = _dask([*command, *folder, *options], self.folder, environment)
        self.workers.append(worker)
        wait_for(lambda: self.joined() > before, 180)
        return worker

    def joined(self) -> int:
        """Return how many workers the scheduler has."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            return len(client.scheduler_info()["workers"])

    def processes(self) -> list[psutil.Process]:
        """Return the processes in which tasks run."""
        found = []
        for nanny in self.workers:
            children = psutil.Process(nanny.pid).children()
            found += [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        return found

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                for child in psutil.Process(process.pid).children(recursive=True):
                    child.kill()
            process.kill()
            process.wait()


def _dask(arguments: Sequence[str], folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Start a scheduler on the loopback."""
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "scheduler.json"
    command = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
    scheduler = _dask(command, folder, {})
    try:
        wait_for(told.is_file, 180)
        made = Machines(folder, scheduler, json.loads(told.read_text(encoding="utf-8"))["address"])
    except BaseException:
        scheduler.kill()
        scheduler.wait()
        raise
    try:
        yield made
    finally:
        made.stop()
