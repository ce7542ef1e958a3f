"""Progress of a run: bars in a terminal, a line a task elsewhere."""

from __future__ import annotations

import time
from typing import Any

from evalkit.cli.speaking import is_terminal, plain, tell
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
        self._memory = 0
        self._began = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, total: int, kept: int) -> None:
        """Start to show `total` tasks; `kept` are already published."""
        self._total = total
        self._began = time.monotonic()
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

    def again(self, record: TaskRecord) -> None:
        """Show that a task will be tried again."""
        name = f"{record.lang}/{record.template}/{record.territory}"
        self._running.discard(name)
        said = msg("{state}, tried again", state=record.state).render(self._lang)
        self._print(f"  {name}: {said} ({record.reason})")
        self._update()

    def memory(self, held: int) -> None:
        """Show how much memory the workers and their kernels hold."""
        self._memory = held
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
            rest = msg("about {seconds} s left", seconds=f"{self._left():.0f}").render(self._lang)
            self._print(f"[{self._done}/{self._total}] {name} {seconds}, {rest}, {self._pace()}")
        self._update()

    def _left(self) -> float:
        """Return the seconds that the rest will take at the pace so far."""
        return (time.monotonic() - self._began) / self._done * (self._total - self._done)

    def _pace(self) -> str:
        """Return how many tasks end in a minute and how much memory the workers hold."""
        minutes = max(time.monotonic() - self._began, 1.0) / 60
        pace = msg("{n} a minute", n=f"{self._done / minutes:.0f}").render(self._lang)
        return f"{pace}, {self._memory / 1e6:.0f} MB" if self._memory else pace

    def _state(self) -> str:
        text = msg(
            "done {done} · running {running} · failed {failed}",
            done=str(self._done),
            running=str(len(self._running)),
            failed=str(self._failed),
        ).render(self._lang)
        return f"{text} · {self._pace()}" if self._done else text

    def _update(self) -> None:
        if self._bar is not None:
            self._bar.update(self._bar_task, completed=self._done, description=self._state())

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(plain(text), markup=False, highlight=False)
        else:
            tell(plain(text))
