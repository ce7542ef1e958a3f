"""Where everything of a run lies. No other room builds these paths."""

from __future__ import annotations

import fcntl
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.errors import RunError
from evalkit.model.run import DONE, Task, TaskRecord
from evalkit.runs.codes import NOT_A_RUN, NOT_EMPTY, RUN_IN_USE
from evalkit.runs.files import remove_folder, write_atomic

if TYPE_CHECKING:
    from evalkit.runs.ledger import Ledger


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run; see the house plan for its layout."""

    root: Path

    @property
    def run_id(self) -> str:
        """Return the run's id, the name of its folder."""
        return self.root.resolve().name

    @property
    def place(self) -> str:
        """Return where readers find the run."""
        return str(self.root)

    @property
    def address(self) -> str:
        """Return where workers find the run."""
        return str(self.root.absolute())

    @property
    def private(self) -> Path:
        """Return the folder that is never exported and never served."""
        return self.root / "private"

    @property
    def ledger(self) -> Path:
        """Return the ledger's file."""
        return self.private / "ledger.sqlite"

    @property
    def assets(self) -> Path:
        """Return the folder of shared style sheets and scripts."""
        return self.root / "assets"

    @property
    def manifest(self) -> Path:
        """Return the manifest's file."""
        return self.root / "manifest.json"

    @property
    def work(self) -> Path:
        """Return the folder in which tasks work before they are published."""
        return self.private / "work"

    def plan_copy(self, name: str) -> Path:
        """Return where the plan of the run is kept, so that a later edit does not change a run half way."""
        return self.private / "plan" / name

    @property
    def earlier(self) -> Path:
        """Return the folder that holds, while tasks run, what they need of the earlier run that they are compared with (private)."""
        return self.private / "earlier"

    def earlier_run(self, name: str) -> Path:
        """Return what is told of that run, and of the making of both; `name` tells one such run from another."""
        return self.earlier / name / "run.json"

    def earlier_findings(self, name: str, task: Task | TaskRecord) -> Path:
        """Return the findings of a task in that run; there is no such file when it had none."""
        return self.earlier / name / task.lang / task.template / f"{task.territory}.json"

    def index(self, lang: str, first: str) -> Path:
        """Return the portfolio page of a language; the first language has the plain name."""
        return self.root / ("index.html" if lang == first else f"index.{lang}.html")

    def report(self, task: Task | TaskRecord) -> Path:
        """Return the report page of a task."""
        return self.root / "reports" / task.lang / task.template / f"{task.territory}.html"

    def figures(self, task: Task | TaskRecord) -> Path:
        """Return the folder with the data of a report's figures."""
        return self.root / "reports" / task.lang / task.template / task.territory

    def notebook(self, task: Task | TaskRecord) -> Path:
        """Return the executed notebook of a task (private)."""
        return self.private / "notebooks" / task.lang / task.template / f"{task.territory}.ipynb"

    def findings_of(self, task: Task | TaskRecord) -> Path:
        """Return the recorded findings of a task, before they are gathered (private)."""
        return self.private / "findings" / task.lang / task.template / f"{task.territory}.json"

    def log(self, task: Task | TaskRecord) -> Path:
        """Return the log of a task, with the traceback of a failure (private)."""
        return self.private / "logs" / task.lang / task.template / f"{task.territory}.log"

    def work_of(self, task: Task) -> Path:
        """Return the private directory in which a task executes."""
        return self.work / f"{task.lang}.{task.template}.{task.territory}"

    def brought(self) -> RunFolder:
        """Return self, with the ledger of a run that lies elsewhere."""
        return self

    def exists(self) -> bool:
        """Say whether the folder holds a run."""
        return self.ledger.is_file()

    def require(self) -> RunFolder:
        """Return self, or raise `RunError` when this is not a run folder."""
        if not self.exists():
            raise RunError.of(NOT_A_RUN, folder=self.place)
        return self

    def require_usable(self) -> None:
        """Raise `RunError` when the folder holds something else than a run: a portfolio would overwrite it."""
        if self.root.is_dir() and not self.exists() and any(path.name != "private" for path in self.root.iterdir()):
            raise RunError.of(NOT_EMPTY, folder=self.place)

    def is_published(self, task: Task | TaskRecord) -> bool:
        """Say whether the page, the data and the findings of a task are there."""
        return self.report(task).is_file() and self.figures(task).is_dir() and self.findings_of(task).is_file()

    def withdraw(self, task: Task | TaskRecord) -> None:
        """Remove what is published of a task: its page first, then the data of its figures and its findings."""
        self.report(task).unlink(missing_ok=True)
        remove_folder(self.figures(task))
        self.findings_of(task).unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[str]:
        """Hold the run folder against a second writer; raises `RunError` when there is one.

        The token is what workers know this execution by: they publish nothing for one that has ended.
        """
        self.private.mkdir(parents=True, exist_ok=True)
        with (self.private / "lock").open("w", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RunError.of(RUN_IN_USE, folder=self.place) from None
            token = secrets.token_hex(8)
            write_atomic(self._holder, token.encode())
            try:
                yield token
            finally:
                self._holder.unlink(missing_ok=True)

    def is_in_use(self) -> bool:
        """Say whether a process of this machine holds the run folder."""
        if not self._holder.is_file():  # so that nobody who begins finds the lock taken by the question
            return False
        with (self.private / "lock").open(encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    @property
    def _holder(self) -> Path:
        return self.private / "holder"

    def is_held(self, token: str) -> bool:
        """Say whether the run is still held by the execution of a token."""
        try:
            return self._holder.read_text(encoding="utf-8") == token
        except FileNotFoundError:
            return False

    def shared_file(self) -> Path | None:
        """Return the file by which a worker sees that it shares this folder, None when it need not."""
        return self._holder.absolute()

    def has_page(self, record: TaskRecord) -> bool:
        """Say whether readers find the page of a task."""
        return record.state in DONE and self.report(record).is_file()

    def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what the run published under these names, as far as it is there."""
        return {name: file.read_bytes() for name in names if (file := self.root / name).is_file()}

    def names(self, below: str) -> list[str]:
        """Return the names of what the run has below a folder, sorted."""
        files = (path for path in (self.root / below).rglob("*") if path.is_file())
        return sorted(path.relative_to(self.root).as_posix() for path in files)

    # What follows does nothing here: a run on object storage (`evalkit.runs.remote`) sends its files at these moments.

    def told(self, task: Task | TaskRecord) -> TaskRecord | None:
        """Return what was noted of a task beside what is published of it; a local run has its ledger only."""
        return None

    def settle(self, record: TaskRecord) -> None:
        """Make what a task published known to readers."""

    def send(self, *files: Path) -> None:
        """Keep private files of a task."""

    def send_inputs(self) -> None:
        """Give workers what they need."""

    def receive_inputs(self, token: str) -> bool:
        """Have the inputs here; says whether the plan can be read in its own place."""
        return True

    def pointer(self, task: Task | TaskRecord) -> str | None:
        """Return the name of what says of a task that it is published, None where its page itself says so."""
        return None

    def fetch_gathered(self) -> None:
        """Have the gathered findings here."""

    def fetch_findings(self, records: Iterable[TaskRecord]) -> None:
        """Have the findings of the published tasks here."""

    def keep(self, ledger: Ledger, token: str, *, now: bool = False) -> None:
        """Keep a copy of the ledger when it is time."""

    def publish(self) -> None:
        """Make portfolio, findings and manifest known to readers."""


def list_runs(folder: Path) -> list[RunFolder]:
    """Return the runs below a folder, by name."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        with suppress(PermissionError):  # another user's
            if (run := RunFolder(path)).exists():
                found.append(run)
    return found
