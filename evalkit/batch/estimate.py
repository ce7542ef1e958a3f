"""How long a run will take and how much room it needs: from the last run of the evaluation when there is one, else from stated defaults."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

from evalkit.batch.past import earlier_runs
from evalkit.errors import RunError
from evalkit.runs import Ledger, RunFolder
from evalkit.text import Message, Quantity, msg, nmsg

DEFAULT_SECONDS = {"warm": 1.0, "fresh": 4.0}
"""Seconds a report when no run tells better, measured on the demo on a 2-core machine, rounded up."""


@dataclass(frozen=True)
class Estimate:
    """What a run is expected to take; `told_by` names the run whose median is used, None for the stated default."""

    tasks: int
    seconds_each: float
    workers: int
    size: int
    told_by: str | None = None

    @property
    def seconds(self) -> float:
        """Return the expected duration."""
        return math.ceil(self.tasks / max(1, self.workers)) * self.seconds_each

    @property
    def sentence(self) -> Message:
        """Return the estimate in words."""
        each = Quantity(self.seconds_each, "count", 1)
        basis = (
            msg("{each} s each, a stated default", each=each)
            if self.told_by is None
            else msg("{each} s each, the median of the run {run}", each=each, run=self.told_by)
        )
        return nmsg(
            "{n} report to make: about {size} MB and {minutes} min with {workers} at once ({basis})",
            "{n} reports to make: about {size} MB and {minutes} min with {workers} at once ({basis})",
            self.tasks,
            size=Quantity(self.size // 1_000_000),
            minutes=Quantity(max(1, math.ceil(self.seconds / 60))),
            workers=Quantity(self.workers),
            basis=basis,
        )


def estimate(folder: RunFolder, evaluation: str, tasks: int, *, workers: int, size: int, kernel: str) -> Estimate:
    """Return what a run is expected to take: by the median of this very run, else of the last one of the evaluation."""
    for run_id, seconds in _told(folder, evaluation):
        if seconds:
            return Estimate(tasks, statistics.median(seconds), workers, size, run_id)
    return Estimate(tasks, DEFAULT_SECONDS.get(kernel, DEFAULT_SECONDS["fresh"]), workers, size)


def _told(folder: RunFolder, evaluation: str) -> list[tuple[str, list[float]]]:
    """Return the seconds of each executed task of the runs that can tell, the best witness first."""
    found = []
    if folder.exists():
        try:
            with Ledger(folder.ledger, read_only=True) as ledger:
                found.append((folder.run_id, [r.seconds for r in ledger.brief("ok") if r.seconds]))
        except RunError:
            return []
    return found + [
        (past.folder.run_id, [r.seconds for r in past.records.values() if r.seconds and r.state == "ok"])
        for past in earlier_runs(folder, evaluation)
    ]
