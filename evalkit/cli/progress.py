"""Progress of a run: bars in a terminal, a line a task elsewhere."""

from __future__ import annotations

import time
from typing import Any

from evalkit.cli.speaking import is_terminal, plain
from evalkit.model.run import Task, TaskRecord, is_failure
from evalkit.text import msg


class Progress:
    """Listens to a run and shows done, running, failed and the time left. Use as a context manager."""

    def __init__(self, lang: str) -> None:
        self._lang = lang
        self._total = 0
        self._done = 0
        self._failed = 0
        self._running: set[str] = set()
        self._bar: Any = None
        self._bar_task: Any = None
        self._began = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, total: int, kept: int) -> None:
        """Start to show `total` tasks; `kept` are already published."""
        self._total = total
        if kept:
            self._print(msg("{n} reports are already published and stay", n=str(kept)).render(self._lang))
        if total and is_terminal():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(elapsed_when_finished=True),
            )
            self._bar.start()
            self._bar_task = self._bar.add_task(self._state(), total=total)

    def start(self, task: Task) -> None:
        """Show that a task runs."""
        self._running.add(task.id)
        self._update()

    def done(self, record: TaskRecord) -> None:
        """Show that a task has ended."""
        name = f"{record.lang}/{record.template}/{record.territory}"
        self._running.discard(name)
        self._done += 1
        self._failed += is_failure(record.state)
        seconds = f"{record.seconds or 0:.1f} s"
        if record.reason:
            self._print(f"  {record.state}  {name}: {record.reason}")
        elif self._bar is None:
            left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
            rest = msg("about {seconds} s left", seconds=f"{left:.0f}").render(self._lang)
            self._print(f"[{self._done}/{self._total}] {name} {seconds}, {rest}")
        self._update()

    def _state(self) -> str:
        return msg(
            "done {done} · running {running} · failed {failed}",
            done=str(self._done),
            running=str(len(self._running)),
            failed=str(self._failed),
        ).render(self._lang)

    def _update(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar_task, completed=self._done, description=self._state())

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(plain(text), markup=False, highlight=False)
        else:
            print(plain(text), flush=True)  # noqa: T201 - this is the display
