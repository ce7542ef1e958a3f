"""Why a kernel ended, when the machine killed something for want of memory meanwhile: the count is that of the whole machine."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from evalkit.batch import guard
from evalkit.batch.failing import kernel_failure
from evalkit.batch.watch import Watch


def ended(monkeypatch: pytest.MonkeyPatch, status: int | None, watch: Watch, *, seen: bool = True) -> str:
    """Return the state of a task whose kernel ended with a status, seen at work before, while the machine killed a process."""
    counts = iter([3, 4])
    monkeypatch.setattr(guard, "killed_for_memory", lambda: next(counts))
    process = SimpleNamespace(poll=lambda: status, pid=1)

    def looks(manager: object, watch: Watch, finished: object, kernel: list[object]) -> None:
        if seen:
            kernel.append(process)

    monkeypatch.setattr(guard, "_look_after", looks)
    with guard.guarded(SimpleNamespace(provisioner=SimpleNamespace(process=process)), watch):
        pass
    return kernel_failure(RuntimeError(), watch).state


@pytest.mark.parametrize(
    ("status", "seen", "state"),
    [
        (-signal.SIGKILL, True, "failed_memory"),
        (-signal.SIGSEGV, True, "failed_kernel"),
        (0, True, "failed_kernel"),
        (None, False, "failed_memory"),
    ],
)
def test_only_a_kernel_that_was_killed_was_killed_for_memory(
    monkeypatch: pytest.MonkeyPatch, status: int | None, seen: bool, state: str
) -> None:
    assert ended(monkeypatch, status, Watch(), seen=seen) == state


def test_a_notebook_out_of_time_was_killed_by_us(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, -signal.SIGKILL, Watch(timeout=1, expired=True)) == "failed_timeout"
