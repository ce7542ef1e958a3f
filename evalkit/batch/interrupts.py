"""Ctrl-C at the right moment: not while a cluster starts or ends, and never in a worker."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def deferred_interrupts() -> Iterator[None]:
    """Hold back the signals that end a run, and let the last of them act when the block is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)

    former = {number: signal.getsignal(number) for number in _STOPPING}
    held = [number for number, handler in former.items() if handler is signal.default_int_handler]
    for number in held:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number in held:
            signal.signal(number, former[number])
        if came:
            signal.raise_signal(came[-1])


@contextmanager
def signals_for_us() -> Iterator[None]:
    """Let threads and processes that are started meanwhile leave Ctrl-C to this one, which then ends them.

    They inherit the mask for life. A handler in the worker would not do, for nbclient sets its own and leaves Python's behind.
    """
    _start_tracker()  # its start would lift the mask
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _start_tracker() -> None:
    """Start multiprocessing's tracker deaf to SIGHUP: it leaves Ctrl-C alone by itself, and would die noisily of a closed terminal."""
    if threading.current_thread() is not threading.main_thread():
        resource_tracker.ensure_running()
        return
    former = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        resource_tracker.ensure_running()
    finally:
        signal.signal(signal.SIGHUP, former or signal.SIG_DFL)
