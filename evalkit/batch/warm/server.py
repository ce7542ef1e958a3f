"""The parent of warm kernels: `python -P -m evalkit.batch.warm.server NUMBER`, started by `WarmParent` with its end of the line.

It has one thread and no connection. It warms up, gets ready for a run when it is told to, then forks a kernel for each request,
reports how each one ended, and ends with its owner. A kernel's process group and whatever it left behind end with it.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from contextlib import suppress
from typing import Any

from evalkit.batch.warm.line import Line, LineClosedError
from evalkit.batch.warm.readying import NotReadyError, get_ready
from evalkit.batch.warm.system import children, inherit_orphans, thread_count


def serve(line: Line) -> tuple[dict[str, Any], list[int]] | None:
    """Fork kernels until the owner is gone. In a new kernel: return its request with its files; in the parent: None."""
    kernels: dict[int, int] = {}  # descriptor of the process -> its number
    try:
        while True:
            ready, _, _ = select.select([line.fileno(), *kernels], [], [])
            for descriptor in kernels.keys() & set(ready):
                _bury(line, kernels, descriptor)
            if line.fileno() in ready:
                message = line.receive()
                assert message is not None
                if "ready_for" in message[0]:
                    _get_ready(line, message[0]["ready_for"])
                elif _fork(line, kernels, message[1]):
                    return message
    except LineClosedError:
        for pid in kernels.values():
            _kill(pid)
        _end_orphans(set())
        return None


def _get_ready(line: Line, run: dict[str, str]) -> None:
    """Hold what the notebooks of a run read alike, for the kernels that are forked from now on; answer the owner."""
    reason = ""
    try:
        get_ready(run["plan"], run["warehouse"], line)
        _settle()
    except NotReadyError as error:
        reason = str(error)
    line.send({"read": reason})


def _settle() -> None:
    gc.collect()
    gc.freeze()  # the collector of a kernel leaves alone what it shares with the others


def _fork(line: Line, kernels: dict[int, int], files: list[int]) -> bool:
    """Fork, answer the owner; say whether this is the new process."""
    threads = thread_count()
    if threads != 1:
        line.send({"refused": f"{threads} threads"})
        return False
    try:
        pid = os.fork()
    except OSError as error:
        line.send({"refused": error.strerror})
        return False
    if pid == 0:
        line.close()
        for descriptor in kernels:
            os.close(descriptor)
        return True
    for descriptor in files:
        os.close(descriptor)
    kernels[os.pidfd_open(pid)] = pid
    line.send({"pid": pid})
    return False


def _bury(line: Line, kernels: dict[int, int], descriptor: int) -> None:
    """Report the end of a kernel, and end the rest of its process group first, while its number is still its own."""
    pid = kernels.pop(descriptor)
    _kill(pid)
    _, status = os.waitpid(pid, 0)
    os.close(descriptor)
    if not kernels:
        _end_orphans(set())
    line.send({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _kill(pid: int) -> None:
    """Kill a kernel and its process group; one that was just forked has no group of its own yet."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def _end_orphans(known: set[int]) -> None:
    """End what kernels left behind: their own children have become ours."""
    while strangers := children(os.getpid()) - known:
        for pid in strangers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def main() -> None:
    """Warm up, tell the owner, serve."""
    line = Line.of_descriptor(int(sys.argv[1]))
    os.set_inheritable(line.fileno(), False)
    inherit_orphans()
    from evalkit.batch.warm.rehearsal import rehearse

    rehearse()
    _settle()
    parent = os.getpid()
    try:
        line.send({"ready": parent, "threads": thread_count()})
    except LineClosedError:
        return
    request = serve(line)
    if request is not None:
        from evalkit.batch.warm.child import become_kernel

        become_kernel(parent, *request)


if __name__ == "__main__":
    main()
