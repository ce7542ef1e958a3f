"""The owner's side of warm kernels: `WarmParent` starts the parent process when it is first needed, and again when it died."""

from __future__ import annotations

import atexit
import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, ClassVar

from evalkit.batch.warm.launching import Branch, Reading, launch
from evalkit.batch.warm.line import Line, LineClosedError
from evalkit.batch.warm.system import can_fork

_LOG = logging.getLogger(__name__)
_STEP = 0.002  # seconds between two looks at a kernel that is about to end
_SAID = 2000  # characters of what a failed start said
_UNREAD = "nothing is read ahead of the notebooks, each reads for itself: %s"
_START_SECONDS, _READ_SECONDS, _FORK_SECONDS, _END_SECONDS = 180.0, 150.0, 60.0, 5.0


class WarmUnavailableError(RuntimeError):
    """No kernel can be forked here; the text says why."""


class WarmKernel:
    """A forked kernel, with the part of `subprocess.Popen` that Jupyter's provisioners use."""

    stdin = stdout = stderr = None

    def __init__(self, parent: WarmParent, line: Line, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent
        self._line = line
        self._polling = threading.Lock()

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while it runs; each thread that asks gets the same."""
        with self._polling:  # the parent tells it once
            if self.returncode is None:
                self.returncode = self._parent.status(self._line, self.pid)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit status as soon as there is one; raises `subprocess.TimeoutExpired`."""
        limit = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if limit is not None and time.monotonic() > limit:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(_STEP)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel while it runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
            if number == signal.SIGKILL:  # it cannot but end: nobody need wait while its memory is given back
                self.returncode = -signal.SIGKILL

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)


class WarmParent:
    """A process from which kernels are forked; one for each worker process, used for all of its tasks.

    It is started by the first `fork` (or by `start`, to have it ready), started again when it died, and ended by `close` or
    by the end of its owner, however that comes. Where there is a `root` (the address of its door) it is forked from that one,
    warm and ready at once, and started on its own when nobody answers there. Its methods may be called from several threads.
    """

    root: str | None = None

    _of_process: ClassVar[tuple[int, WarmParent] | None] = None
    _making: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | Branch | None = None
        self._line: Line | None = None
        self._ended: dict[int, int] = {}
        self._ready: tuple[Line | None, Reading] | None = None  # over which line it was told; none: it ended of it

    @classmethod
    def of_this_process(cls) -> WarmParent:
        """Return the parent that all kernels of this process share."""
        with cls._making:
            if cls._of_process is None or cls._of_process[0] != os.getpid():
                cls._of_process = os.getpid(), cls()
                atexit.register(cls._of_process[1].close)
            return cls._of_process[1]

    @property
    def pid(self) -> int | None:
        """Return the number of the process while it runs."""
        with self._lock:
            return None if self._process is None or self._process.poll() is not None else self._process.pid

    def start(self) -> None:
        """Start the process unless it runs; raises `WarmUnavailableError`."""
        with self._lock:
            if self._line is not None:
                self._read(self._line, 0)
            if self._line is None:
                self._start()

    def get_ready(self, run: Reading) -> str:
        """Have the process read once what the notebooks of a run read alike; return why it did not, nothing when it did.

        Raises `WarmUnavailableError` when the process cannot be started.
        """
        with self._lock:
            self.start()
            line = self._line
            assert line is not None
            if self._ready in ((line, run), (None, run)):
                return ""
            self._ready = line, run
            try:
                line.send({"ready_for": run._asdict()})
                reason = str(self._answer(line, "read", _READ_SECONDS))
            except LineClosedError:
                self._forget()
                self._ready = None, run
                reason = "the parent process ended"
        if reason:
            _LOG.warning(_UNREAD, reason)
        return reason

    def _answer(self, line: Line, name: str, seconds: float) -> Any:
        """Return what the process answers; raises `LineClosedError` when it never does, and ends it then."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            found = line.receive(1.0)
            if found is None:
                continue
            if name in found[0]:
                return found[0][name]
            self._note(found[0])
        raise LineClosedError

    def fork(
        self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], files: Sequence[int] = (0, 1, 2)
    ) -> WarmKernel:
        """Fork a kernel: arguments of ipykernel, working directory, whole environment, standard input, output and error.

        Raises `WarmUnavailableError` when the process cannot be started or refuses.
        """
        with self._lock:
            for _ in range(2):  # a parent that dies at this very moment is started again, once
                self.start()
                line = self._line
                assert line is not None
                with suppress(LineClosedError):
                    return self._fork(line, {"argv": list(argv), "cwd": cwd, "env": dict(env)}, files)
                self._forget()
            raise WarmUnavailableError("the parent process ends when it forks")

    def _fork(self, line: Line, request: dict[str, Any], files: Sequence[int]) -> WarmKernel:
        try:
            line.send(request, files)
        except LineClosedError:
            raise
        except OSError as error:
            raise WarmUnavailableError(str(error)) from error
        limit = time.monotonic() + _FORK_SECONDS
        while time.monotonic() < limit:
            found = line.receive(1.0)
            if found is None:
                continue
            message = found[0]
            if "pid" in message:
                self._ended.pop(message["pid"], None)  # of an earlier kernel, which nobody asked about
                return WarmKernel(self, line, message["pid"])
            if "refused" in message:
                raise WarmUnavailableError(message["refused"])
            self._note(message)
        self.close()
        raise WarmUnavailableError("the parent process does not answer")

    def status(self, line: Line, pid: int) -> int | None:
        """Return how a kernel that was forked over `line` ended, None while it runs."""
        with self._lock:
            if pid not in self._ended and line is self._line:
                self._read(line, 0)
            if pid not in self._ended and line is not self._line:
                return -signal.SIGKILL  # it ended with its parent
            return self._ended.pop(pid, None)

    def close(self) -> None:
        """End the process and all of its kernels."""
        with self._lock:
            self._forget()

    def _start(self) -> None:
        if not can_fork():
            raise WarmUnavailableError(f"{sys.platform} does not let a process be forked with its memory")
        if self.root is not None and self._branch_off(self.root):
            return
        here, there = Line.pair()
        with tempfile.TemporaryFile() as said:
            try:
                self._process = launch(said, there)
            except OSError as error:
                here.close()
                raise WarmUnavailableError(str(error)) from error
            finally:
                there.close()
            self._line = here
            self._await_ready(here, said)

    def _branch_off(self, root: str) -> bool:
        """Have the process forked from the root of this machine; say whether it was."""
        line = None
        try:
            line = Line.to(root)
            found = line.receive(_START_SECONDS)
            if found is None or found[0]["threads"] != 1:
                raise LineClosedError
            self._process = Branch(found[0]["ready"])
        except OSError as error:
            if line is not None:
                line.close()
            _LOG.warning("no warm process to branch off from (%s): one is started", type(error).__name__)
            self.root = None
            return False
        self._line = line
        if (held := found[0]["held"]) is not None:
            self._ready = line, Reading(**held["run"])
            if held["reason"]:
                _LOG.warning(_UNREAD, held["reason"])
        return True

    def _await_ready(self, line: Line, said: IO[bytes]) -> None:
        try:
            found = line.receive(_START_SECONDS)
        except LineClosedError:
            found = None
        threads = None if found is None else found[0]["threads"]
        if threads == 1:
            return
        self._forget()
        if threads is not None:
            raise WarmUnavailableError(f"the parent process has {threads} threads")
        said.seek(0)
        words = said.read().decode(errors="replace").strip()[-_SAID:]
        raise WarmUnavailableError(f"the parent process could not be prepared: {words}")

    def _read(self, line: Line, seconds: float) -> None:
        """Take in what the parent reported; forget it when it is gone."""
        try:
            while found := line.receive(seconds):
                self._note(found[0])
        except LineClosedError:
            self._forget()

    def _note(self, message: dict[str, Any]) -> None:
        self._ended[message["ended"]] = message["status"]

    def _forget(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
