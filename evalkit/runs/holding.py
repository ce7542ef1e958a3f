"""Holding a run on object storage: one object says who conducts it, and is written again for as long as that goes on."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from evalkit.data.storage import ObjectStore, StoreError
from evalkit.errors import RunError
from evalkit.runs.codes import HOLD_LOST, RUN_IN_USE

HOLDER = "private/holder.json"
FRESH = 90.0  # seconds after which a command on another machine that says nothing is taken to have ended
EVERY = 20.0  # seconds between two signs of life
SOON = 2.0  # seconds until the first: storage without conditional writes may have let in two at once
_PATIENCE = 30.0  # seconds that the last sign of life may take when the run ends
_TRIES = 3  # an answer that was lost on the way makes the same request fail when it is sent again
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Hold:
    """What a process has of a run at an address: nothing, until it is `taken`, then all of it or, once it is lost, nothing again.

    Looking, saying and letting go compare the token first: who holds the run is never overwritten and never sent away. A thread
    says that the run is alive, whatever the process does meanwhile: compute a stage for minutes, gather, write a portfolio.
    """

    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self._token = ""
        self._lost = False
        self._one_at_a_time = threading.Lock()

    @contextmanager
    def taken(self, token: str) -> Iterator[None]:
        """Take the run and keep it meanwhile; raises `RunError` when another has it."""
        self._take(token)
        ended = threading.Event()
        life = threading.Thread(target=self._say_alive, args=(ended,), name="holding", daemon=True)
        life.start()
        try:
            yield
        finally:
            ended.set()
            life.join(_PATIENCE)
            if not life.is_alive():  # else the storage does not answer
                self._let_go()
            self._token = ""

    def is_ours(self) -> bool:
        """Look, and say whether no other holds what this process took; then it has it for another `FRESH` seconds."""
        return not self._lost and (not self._token or self._renew())

    def require(self) -> None:
        """Raise `RunError` when another has taken the run."""
        if not self.is_ours():
            raise self._gone()

    def require_not_lost(self) -> None:
        """Raise `RunError` when another is known to have taken the run."""
        if self._lost:
            raise self._gone()

    def _take(self, token: str) -> None:
        content, mark = self.store.look(HOLDER)
        if _lives(holder_in(content)):
            raise RunError.of(RUN_IN_USE, folder=self.store.url)
        self.store.write_if(HOLDER, _said(token), mark)
        if holder_in(self.store.read(HOLDER)).get("token") != token:  # another was faster
            raise RunError.of(RUN_IN_USE, folder=self.store.url)
        self._token, self._lost = token, False

    def _renew(self) -> bool:
        with self._one_at_a_time:
            for _ in range(_TRIES):
                content, mark = self.store.look(HOLDER)
                self._lost = self._lost or holder_in(content).get("token") != self._token
                if self._lost or self.store.write_if(HOLDER, _said(self._token), mark):
                    break
            return not self._lost

    def _say_alive(self, ended: threading.Event) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # they are for the main thread, which may be waiting
        wait = SOON
        while not ended.wait(wait) and not self._lost:
            with suppress(StoreError):  # it may come back
                self._renew()
            wait = EVERY

    def _let_go(self) -> None:
        """Remove our entry; it is renewed first, so that nobody takes the run between the look and the removal."""
        with suppress(StoreError):
            if self._renew():
                self.store.remove([HOLDER])

    def _gone(self) -> RunError:
        return RunError.of(HOLD_LOST, folder=self.store.url)


def holder_in(content: bytes | None) -> Mapping[str, Any]:
    """Return what an entry says, nothing when there is none or it is none of ours."""
    try:
        found = json.loads(content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(token: str) -> bytes:
    own = {"host": socket.gethostname(), "machine": _machine(), "pid": os.getpid(), "began": _began(os.getpid())}
    return json.dumps({"token": token, **own, "time": time.time()}).encode()


def _lives(held: Mapping[str, Any]) -> bool:
    """Say whether who holds a run still does.

    Of a process of this very machine, since it was switched on, that is seen; a number alone would be that of another process one
    day. Of all others only the age of the last sign of life is known.
    """
    if not held:
        return False
    machine = _machine()
    if machine and held.get("machine") == machine and held["pid"] != os.getpid():
        return bool(_began(held["pid"]) == held["began"])
    return time.time() - float(held.get("time", 0.0)) < FRESH


def _machine() -> str:
    """Return what names this machine until it is switched off, and what of its processes is visible here; empty if that is not told."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _began(pid: int) -> int | None:
    """Return when a process began, in the system's ticks; None when there is none, or only what is left of it."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *numbers = told.rpartition(")")[2].split()  # the name before it may hold anything
    return None if state in "ZX" else int(numbers[18])
