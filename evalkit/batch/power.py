"""Whether the machine stopped before all that a run had written was on its disk: files may then be empty behind their names."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

from evalkit.runs import Ledger

_WRITES = "writes"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FLUSHED = 120.0  # seconds after which a system has written what it was given


def note_writing(ledger: Ledger) -> None:
    """Note that tasks of the run are written from now on."""
    ledger.set_meta(_WRITES, json.dumps([_boot(), None]))


def note_written(ledger: Ledger) -> None:
    """Note that the run has written all it has to."""
    ledger.set_meta(_WRITES, json.dumps([_boot(), time.time()]))


def was_cut(ledger: Ledger) -> bool:
    """Say whether the machine was started again while the run was written, or so soon after that some of it may be lost."""
    boot, ended = json.loads(ledger.meta(_WRITES) or "[null, 0]")
    if boot in (None, _boot()):
        return False
    return ended is None or _started() - ended < _FLUSHED


def _boot() -> str:
    """Return what tells one start of the machine from another."""
    with suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return str(round(_started()))


def _started() -> float:
    import psutil

    return float(psutil.boot_time())
