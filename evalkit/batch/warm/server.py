"""The parent of warm kernels: `python -P -m evalkit.batch.warm.server LINE [DOOR]`, started with its ends as open files.

It has one thread and no connection. It warms up, gets ready for a run when it is told to, then forks a kernel for each request,
reports how each one ended, and ends with its owner. A kernel's process group and whatever it left behind end with it.
With a door it is the root of a machine: for each worker that comes, it forks a parent that is as warm and as ready as itself.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from contextlib import suppress
from typing import Any, NamedTuple

from evalkit.batch.warm.line import Door, Line, LineClosedError
from evalkit.batch.warm.readying import NotReadyError, get_ready
from evalkit.batch.warm.system import children, end_with, inherit_orphans, thread_count


class Request(NamedTuple):
    """What a new kernel starts with: the process it was forked from, what it shall be, its standard streams."""

    parent: int
    wanted: dict[str, Any]
    files: list[int]


class Server:
    """Forks until its owner is gone. `held` says for which run it has got ready, and why it has nothing of it where that failed."""

    def __init__(self, line: Line, door: Door | None = None, held: dict[str, Any] | None = None) -> None:
        self._line = line
        self._door = door
        self._held = held
        self._forked: dict[int, int] = {}  # descriptor of the process -> its number

    def greet(self) -> None:
        """Tell the owner that all is warm; raises `LineClosedError` when nobody waits for it."""
        self._line.send({"ready": os.getpid(), "threads": thread_count(), "held": self._held})

    def serve(self) -> Request | Server | None:
        """Serve until the owner is gone. In a new kernel, return its request; in a new parent, its own server; in the end, None."""
        try:
            while True:
                watched = [self._line, *(() if self._door is None else (self._door,))]
                ready, _, _ = select.select([*watched, *self._forked], [], [])
                for descriptor in self._forked.keys() & set(ready):
                    self._bury(descriptor)
                found: Request | Server | None = None
                if self._line in ready:  # before the door: what comes first from the owner holds for all who come
                    found = self._answer()
                elif self._door is not None and self._door in ready:
                    found = self._branch(self._door)
                if found is not None:
                    return found
        except LineClosedError:
            for pid in self._forked.values():
                _kill(pid)
            _end_orphans(set())
            return None

    def _answer(self) -> Request | None:
        message = self._line.receive()
        assert message is not None
        wanted, files = message
        if "ready_for" in wanted:
            self._get_ready(wanted["ready_for"])
            return None
        parent = os.getpid()
        return Request(parent, wanted, files) if self._fork(files) else None

    def _get_ready(self, run: dict[str, str]) -> None:
        """Hold what the notebooks of a run read alike, for what is forked from now on; answer the owner."""
        reason = ""
        try:
            get_ready(run["plan"], run["warehouse"], self._leave)
            settle()
        except NotReadyError as error:
            reason = str(error)
        self._held = {"run": run, "reason": reason}
        self._line.send({"read": reason})

    def _fork(self, files: list[int]) -> bool:
        """Fork a kernel, answer the owner; say whether this is the new process."""
        threads = thread_count()
        if threads != 1:
            self._line.send({"refused": f"{threads} threads"})
            return False
        try:
            pid = os.fork()
        except OSError as error:
            self._line.send({"refused": error.strerror})
            return False
        if pid == 0:
            self._leave()
            return True
        for descriptor in files:
            os.close(descriptor)
        self._forked[os.pidfd_open(pid)] = pid
        self._line.send({"pid": pid})
        return False

    def _branch(self, door: Door) -> Server | None:
        """Fork a parent for who has come to the door; one that cannot be forked finds its line closed."""
        line = door.answer()
        root = os.getpid()
        try:
            pid = os.fork() if thread_count() == 1 else -1
        except OSError:
            pid = -1
        if pid == 0:
            self._leave()
            end_with(root)
            os.setsid()
            inherit_orphans()
            server = Server(line, held=self._held)
            with suppress(LineClosedError):  # noticed again when it serves
                server.greet()
            return server
        line.close()
        if pid > 0:
            self._forked[os.pidfd_open(pid)] = pid
        return None

    def _leave(self) -> None:
        """Let go, in a new process, of what is its parent's."""
        self._line.close()
        if self._door is not None:
            self._door.close()
        for descriptor in self._forked:
            os.close(descriptor)

    def _bury(self, descriptor: int) -> None:
        """Report the end of a process, and end the rest of its group first, while its number is still its own."""
        pid = self._forked.pop(descriptor)
        _kill(pid)
        _, status = os.waitpid(pid, 0)
        os.close(descriptor)
        if self._door is not None:
            _end_orphans(set(self._forked.values()))  # who owned it sees that its line is closed
            return
        if not self._forked:
            _end_orphans(set())
        self._line.send({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def settle() -> None:
    """Have the collector leave alone what is there now: what it looks at is no longer shared."""
    gc.collect()
    gc.freeze()


def _kill(pid: int) -> None:
    """Kill a process and its group; one that was just forked has no group of its own yet."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def _end_orphans(known: set[int]) -> None:
    """End what others left behind: their own children have become ours."""
    while strangers := children(os.getpid()) - known:
        for pid in strangers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def main() -> None:
    """Warm up, tell the owner, serve."""
    line = Line.of_descriptor(int(sys.argv[1]))
    door = Door.of_descriptor(int(sys.argv[2])) if len(sys.argv) > 2 else None
    for descriptor in map(int, sys.argv[1:]):
        os.set_inheritable(descriptor, False)
    inherit_orphans()
    from evalkit.batch.warm.rehearsal import rehearse

    rehearse()
    settle()
    server = Server(line, door)
    try:
        server.greet()
    except LineClosedError:
        return
    found: Request | Server | None = server
    while isinstance(found, Server):
        found = found.serve()
    if found is not None:
        from evalkit.batch.warm.child import become_kernel

        become_kernel(found.parent, found.wanted, found.files)


if __name__ == "__main__":
    main()
