"""What Linux is asked for: to end with another process, to inherit orphans, to count threads and children."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_ENVIRONMENT_START = 47  # among the fields of /proc/self/stat that follow the name
_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36


def _control(option: int, value: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def can_fork() -> bool:
    """Say whether this system has all that warm kernels need."""
    return sys.platform == "linux" and hasattr(os, "fork") and hasattr(os, "pidfd_open")


def end_with(parent: int) -> None:
    """Let the kernel of the system kill this process when its parent ends, also when that is over already."""
    _control(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def inherit_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _control(_SET_CHILD_SUBREAPER, 1)


def show_variable(name: str, value: str) -> None:
    """Let other processes see a variable of the environment, in the room that was kept for it when this process started.

    A forked process shows the environment of its parent, whatever its own is. A longer value is not shown.
    """
    fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    start = int(fields[_ENVIRONMENT_START])
    block = b"\0" + Path("/proc/self/environ").read_bytes()
    at = block.find(b"\0" + name.encode() + b"=")
    text = f"{name}={value}".encode()
    room = block.find(b"\0", at + 1) - at - 1
    if at >= 0 and start and len(text) <= room:
        ctypes.memmove(start + at, text.ljust(room, b"\0"), room)


def thread_count(pid: int | str = "self") -> int:
    """Return how many threads a process has."""
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


def children(pid: int) -> set[int]:
    """Return the children of a process, none where the system does not list them or the process is gone."""
    found: set[int] = set()
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found.update(map(int, (task / "children").read_text().split()))
    except OSError:
        return found
    return found
