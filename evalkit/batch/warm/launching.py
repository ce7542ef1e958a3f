"""Starting the program of warm parents: for one owner, or once for all workers of a machine."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple

from evalkit.batch.processes import WORK_MARK, socket_folder
from evalkit.batch.warm.line import Door, Line
from evalkit.batch.warm.pinned import PINNED
from evalkit.batch.warm.system import can_fork

_MARK_ROOM = 4096  # kept in the environment, for each kernel to show its mark there
_END_SECONDS = 1.0  # for a root that may be reading still: what it forked ends with it in any case


class Reading(NamedTuple):
    """What the notebooks of a run read: plan and warehouse by their paths, and a text that changes when what they hold does."""

    plan: str
    warehouse: str
    state: str


class Branch:
    """A parent that was forked from the root of its machine, with the part of `subprocess.Popen` that its owner uses."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._descriptor = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return None while it runs; how it ended is known to the root alone."""
        if self._descriptor >= 0 and select.select([self._descriptor], [], [], 0)[0]:
            self._let_go()
        return None if self._descriptor >= 0 else -signal.SIGKILL

    def wait(self, timeout: float | None = None) -> int:
        """Return once it has ended; raises `subprocess.TimeoutExpired`."""
        if self._descriptor >= 0 and not select.select([self._descriptor], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("parent", timeout or 0.0)
        self._let_go()
        return -signal.SIGKILL

    def kill(self) -> None:
        """Kill it while it runs."""
        if self._descriptor >= 0:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1


def launch(said: IO[bytes] | int, line: Line, door: Door | None = None) -> subprocess.Popen[bytes]:
    """Start the program at its end of the line. With exec, not by forking: its owner may have threads."""
    ends = [line.fileno(), *(() if door is None else (door.fileno(),))]
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "evalkit.batch.warm.server", *map(str, ends)],
        env={**os.environ, **PINNED, WORK_MARK: " " * _MARK_ROOM},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=said,
        pass_fds=ends,
        start_new_session=True,
    )


@contextmanager
def warm_root(reading: Reading | None) -> Iterator[str | None]:
    """Keep one warm process for all workers of this machine; the address of its door, where their parents are forked from it.

    It imports, and reads what all notebooks read alike (`reading`), once, and what it holds is in memory once. It is not waited
    for. Where it cannot be started there is no address: each worker then has a warm parent of its own.
    """
    if not can_fork():
        yield None
        return
    with socket_folder() as folder:
        address = str(folder / "door")
        door = Door.at(address)
        here, there = Line.pair()
        try:
            process = launch(subprocess.DEVNULL, there, door)
        except OSError:
            process = None
        finally:
            there.close()
            door.close()
        try:
            if process is not None and reading is not None:
                with suppress(OSError):  # gone already: nobody answers at the door either
                    here.send({"ready_for": reading._asdict()})
            yield None if process is None else address
        finally:
            here.close()
            if process is not None:
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process whose line is closed has ended, and see that it does."""
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
