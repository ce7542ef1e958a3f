"""A run on object storage: worked on in a local folder, published object by object, each task by a pointer written last."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.data.storage import ObjectStore, is_remote, open_store, staging
from evalkit.errors import RunError
from evalkit.model.run import DONE, Task, TaskRecord
from evalkit.runs.codes import NOT_A_RUN, NOT_EMPTY
from evalkit.runs.files import write_atomic
from evalkit.runs.folder import RunFolder
from evalkit.runs.holding import HOLDER, Hold, holder_in

if TYPE_CHECKING:
    from evalkit.runs.ledger import Ledger

LEDGER, POINTERS = "private/ledger.sqlite", "private/published"
PORTFOLIO = "private/portfolio.json"  # the files that were sent last of what stands above the reports
_INPUTS = ("private/plan", "private/stages", "private/earlier", "assets")
_GATHERED = "findings.parquet"
_EVERY = 20.0  # seconds between two snapshots of the ledger, at least


def open_run(place: Path | str) -> RunFolder:
    """Return the run at a path or at an address such as `s3://bucket/runs/2026`."""
    if is_remote(place):
        url = str(place).rstrip("/")
        return RemoteRun(staging(url, "runs"), url)
    return RunFolder(Path(place))


@dataclass(frozen=True)
class RemoteRun(RunFolder):
    """A run below an address. `root` is a local folder: what is private to the work, and copies of what was published."""

    url: str = ""

    @property
    def store(self) -> ObjectStore:
        """Return the objects of the run."""
        return open_store(self.url)

    @property
    def place(self) -> str:
        """Return where readers find the run."""
        return self.url

    @property
    def address(self) -> str:
        """Return where workers find the run."""
        return self.url

    @functools.cached_property
    def hold(self) -> Hold:
        """What this process has of the run; a worker has nothing of it."""
        return Hold(self.store)

    @functools.cached_property
    def pointers(self) -> Mapping[str, str]:
        """The tasks that were published when this was asked first."""
        return self.store.names(POINTERS)

    def bring(self) -> None:
        """Bring the ledger here, unless the one that is here was the last to be sent, or is being written."""
        if self.is_in_use():
            return
        listed = self.store.names(LEDGER).get(LEDGER)
        if listed is None and self._sent() is not None:  # it was removed there
            shutil.rmtree(self.root, ignore_errors=True)
        self._bring(listed)

    def _bring(self, listed: str | None) -> None:
        if listed is not None and listed != self._sent():
            content = self.store.read(LEDGER)
            assert content is not None
            self._forget_ledger()
            write_atomic(self.ledger, content)
            self._note_sent(listed)

    def brought(self) -> RunFolder:
        """Return self, with the ledger here when there is one."""
        self.bring()
        return self

    def require(self) -> RunFolder:
        """Return self with its ledger here, or raise `RunError` when this is not a run."""
        self.bring()
        if not self.exists():
            raise RunError.of(NOT_A_RUN, folder=self.url)
        self._fetch("manifest.json")
        return self

    def require_usable(self) -> None:
        """Raise `RunError` when something else than a run lies at the address."""
        self.bring()
        names = set() if self.exists() else set(self.store.names())
        if HOLDER not in names and any(not name.startswith("private/") for name in names):
            raise RunError.of(NOT_EMPTY, folder=self.url)

    @contextmanager
    def locked(self) -> Iterator[str]:
        """Hold the run against a second writer, on this machine and elsewhere; the token is what workers know it by."""
        with super().locked() as token, self.hold.taken(token):
            listed = self.store.names(LEDGER).get(LEDGER)
            self._bring(listed)  # who held it until now may have sent another since we looked
            yield token

    def is_held(self, token: str) -> bool:
        """Say whether the run is still the one of a token."""
        return holder_in(self.store.read(HOLDER)).get("token") == token

    def shared_file(self) -> Path | None:
        """Return None: workers need not see the local folder."""
        return None

    def is_published(self, task: Task | TaskRecord) -> bool:
        """Say whether the pointer of a task is there."""
        return _pointer(task) in self.pointers

    def has_page(self, record: TaskRecord) -> bool:
        """Say whether readers find the page of a task."""
        return record.state in DONE

    def told(self, task: Task | TaskRecord) -> TaskRecord | None:
        """Return what the pointer of a task tells of it, None without pointer."""
        content = self.store.read(_pointer(task)) if self.is_published(task) else None
        if content is None:
            return None
        told = json.loads(content)
        reads, outputs = tuple(told["reads"]), told["outputs"]
        return TaskRecord(task.template, task.territory, task.lang, "ok", told["key"], reads=reads, outputs=outputs)

    def settle(self, record: TaskRecord) -> None:
        """Send what a task published, then its pointer: before that readers of pointers see nothing of it."""
        for name in record.outputs:
            self.store.write(name, (self.root / name).read_bytes())
        self.send(self.notebook(record))
        outputs = dict(sorted(record.outputs.items()))
        pointer = {"schema": 1, "key": record.key, "outputs": outputs, "reads": list(record.reads)}
        self.store.write(_pointer(record), json.dumps(pointer, sort_keys=True).encode())

    def send(self, *files: Path) -> None:
        """Send private files of a task as far as they are there."""
        for file in files:
            self.hold.require_not_lost()
            if file.is_file():
                self.store.write(file.relative_to(self.root).as_posix(), file.read_bytes())

    def withdraw(self, task: Task | TaskRecord) -> None:
        """Remove what is published of a task: its pointer first, then its page, the data of its figures and its findings.

        Where another command has taken over the run, what lies there may be its own, and stays.
        """
        if self.hold.is_ours():
            figures = self.figures(task).relative_to(self.root).as_posix()
            own = [self.report(task), self.findings_of(task)]
            self.store.remove([_pointer(task), *(path.relative_to(self.root).as_posix() for path in own)])
            self.store.remove(self.store.names(figures))
        super().withdraw(task)

    def send_inputs(self) -> None:
        """Send what workers on other machines need: plan, templates, stages; and the shared files of the pages."""
        self.hold.require()
        for below in _INPUTS:
            self._send_below(self.root / below)

    def receive_inputs(self, token: str) -> bool:
        """Have the inputs here; says whether this is the machine that conducts the run, which has them anyway."""
        if super().is_held(token):
            return True
        mark = self.private / f"inputs-{token}"
        if not mark.is_file():
            names = [name for below in _INPUTS for name in self.store.names(below)]
            for name, content in self.store.read_all(names).items():
                write_atomic(self.root / name, content)
            write_atomic(mark, b"")
        return False

    def fetch_findings(self, records: Iterable[TaskRecord]) -> None:
        """Have the findings of the published tasks here, as their outputs say they are."""
        wanted = []
        for record in records:
            if record.state in DONE:
                file = self.findings_of(record)
                name = file.relative_to(self.root).as_posix()
                if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != record.outputs.get(name):
                    wanted.append(name)
        for name, content in self.store.read_all(wanted).items():
            write_atomic(self.root / name, content)

    def keep(self, ledger: Ledger, token: str, *, now: bool = False) -> None:
        """Send a snapshot of the ledger when it is time; raises `RunError` when another has taken over the run."""
        mark = self.private / "kept"
        due = not mark.is_file() or time.time() - mark.stat().st_mtime > _EVERY
        if not (due or now):
            return
        self.hold.require()
        self.store.write(LEDGER, ledger.snapshot())
        self._note_sent(self.store.names(LEDGER)[LEDGER])
        mark.touch()

    def publish(self) -> None:
        """Send what stands above the reports: portfolio, findings, manifest; raises `RunError` when another has taken over the run.

        Pages that were sent before and are no longer made, as those of a language that the plan no longer has, are removed.
        """
        self.hold.require()
        above = [path for path in sorted(self.root.iterdir()) if path.name not in ("reports", "private")]
        names = [file.relative_to(self.root).as_posix() for path in above for file in _files(path)]
        before = json.loads(self.store.read(PORTFOLIO) or b"[]")
        self.send(*(self.root / name for name in names))
        self.store.remove(sorted(set(before) - set(names)))
        self.store.write(PORTFOLIO, json.dumps(names).encode())

    def fetch_gathered(self) -> None:
        """Have the gathered findings here as they lie there."""
        self._fetch(_GATHERED)

    def pointer(self, task: Task | TaskRecord) -> str | None:
        """Return the name of the pointer of a task."""
        return _pointer(task)

    def contents(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return objects of the run by their names, those that are there."""
        return self.store.read_all(names)

    def names(self, below: str) -> list[str]:
        """Return the names of the objects of the run below a name, sorted."""
        return list(self.store.names(below))

    def _fetch(self, name: str) -> None:
        """Have one object of the run here, or nothing in its place; while a run goes on here, what it wrote itself is left alone."""
        if self.is_in_use():
            return
        content = self.store.read(name)
        if content is None:
            (self.root / name).unlink(missing_ok=True)
        else:
            write_atomic(self.root / name, content)

    def _send_below(self, path: Path) -> None:
        self.send(*_files(path))

    def _sent(self) -> str | None:
        file = self.private / "sent"
        return file.read_text(encoding="utf-8") if file.is_file() and self.exists() else None

    def _note_sent(self, mark: str) -> None:
        write_atomic(self.private / "sent", mark.encode())

    def _forget_ledger(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.ledger.with_name(self.ledger.name + end).unlink(missing_ok=True)


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _pointer(task: Task | TaskRecord) -> str:
    return f"{POINTERS}/{task.lang}/{task.template}/{task.territory}.json"
