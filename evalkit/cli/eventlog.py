"""The events of a run for programs: one JSON object a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from evalkit.cli.speaking import tell
from evalkit.model.run import Task, TaskRecord

if TYPE_CHECKING:
    from evalkit.batch import RunResult


class EventLog:
    """Listens to a run and prints `begin`, `start`, `again`, `done`, `end`, each with what it concerns."""

    def __init__(self) -> None:
        self._memory = 0

    def begin(self, total: int, kept: int) -> None:
        """Print how many tasks will run and how many are already published."""
        _print("begin", total=total, kept=kept)

    def start(self, task: Task) -> None:
        """Print that a task runs."""
        _print("start", territory=task.territory, template=task.template, lang=task.lang)

    def again(self, record: TaskRecord) -> None:
        """Print that a task will be tried again, and why."""
        _print("again", **_told(record))

    def done(self, record: TaskRecord) -> None:
        """Print how a task ended, and how much memory the workers hold then."""
        _print("done", **_told(record), seconds=record.seconds, memory=self._memory)

    def memory(self, held: int) -> None:
        """Remember how much memory the workers hold."""
        self._memory = held

    def end(self, result: RunResult) -> None:
        """Print how the run ended and where it is."""
        counts: dict[str, int] = {}
        for record in result.records:
            counts[record.state] = counts.get(record.state, 0) + 1
        _print("end", run=result.folder.place, exit_code=result.exit_code, counts=dict(sorted(counts.items())))


def _told(record: TaskRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("territory", "template", "lang", "state", "reason")}


def _print(event: str, **values: Any) -> None:
    tell(json.dumps({"event": event, **values}, ensure_ascii=False))
