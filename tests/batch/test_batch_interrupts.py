"""Ctrl-C waits while something starts or ends, and acts afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from evalkit.batch.interrupts import deferred_interrupts, signals_for_us


@pytest.fixture(autouse=True)
def usual_signals() -> Iterator[None]:
    """The handlers of the command line, whatever this process ignores."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    former = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    yield
    for number, handler in former.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_acts_afterwards(number: signal.Signals) -> None:
    reached: list[signal.Signals] = []

    def interrupted() -> None:
        with deferred_interrupts():
            os.kill(os.getpid(), number)
            reached.append(number)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert reached == [number]
    assert signal.getsignal(number) is signal.default_int_handler


def test_nothing_came() -> None:
    with deferred_interrupts():
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_ignored_signal_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    with deferred_interrupts():
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


def test_elsewhere_than_in_the_main_thread_it_does_nothing() -> None:
    handlers = []

    def look() -> None:
        with deferred_interrupts():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]


def test_threads_that_start_meanwhile_leave_it_to_us() -> None:
    masks: list[set[int]] = []
    with signals_for_us():
        thread = threading.Thread(target=lambda: masks.append(set(signal.pthread_sigmask(signal.SIG_BLOCK, []))))
        thread.start()
        thread.join()
    assert signal.SIGINT in masks[0]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
