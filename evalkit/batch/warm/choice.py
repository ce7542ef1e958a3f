"""Which kernels a run can have: forked ones where this machine lets them be, fresh ones else, and that is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Literal

from evalkit.batch.codes import KERNEL_FRESH
from evalkit.batch.warm.system import can_fork
from evalkit.errors import Problem

Kernel = Literal["warm", "fresh"]
KERNELSPECS = Path(__file__).parents[1] / "kernelspecs"
"""Holds the kernelspec `evalkit` of warm kernels."""
_PROBE = """
import ctypes, os, select
if ctypes.CDLL(None).prctl(36, ctypes.c_ulong(1), 0, 0, 0) != 0: raise SystemExit("prctl")
pid = os.fork()
if pid == 0:
    os.setsid()
    os._exit(0)
if not select.select([os.pidfd_open(pid)], [], [], 10)[0]: raise SystemExit("pidfd")
"""


def choose_kernel(wanted: Kernel) -> tuple[Kernel, list[Problem]]:
    """Return the kernels to use and, where they are not those that were wanted, a warning that says why."""
    if wanted == "fresh":
        return "fresh", []
    reason = _refusal()
    return ("warm", []) if reason is None else ("fresh", [Problem(KERNEL_FRESH, {"reason": reason})])


def _refusal() -> str | None:
    """Return why no process can be forked and looked after here, in the words of the system."""
    if not can_fork():
        return sys.platform
    command = [sys.executable, "-I", "-S", "-c", _PROBE]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603 - our own
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    lines = tried.stderr.strip().splitlines()
    return None if tried.returncode == 0 else (lines[-1] if lines else str(tried.returncode))
