"""A run on object storage: worked on in a local folder, published object by object, each task by a pointer written last."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit.data.storage import ObjectStore, StoreError, is_remote, open_store, staging
from evalkit.errors import RunError
from evalkit.model.run import DONE, Task, TaskRecord
from evalkit.runs.codes import NOT_A_RUN, NOT_EMPTY, RUN_IN_USE
from evalkit.runs.files import write_atomic
from evalkit.runs.folder import RunFolder

if TYPE_CHECKING:
    from evalkit.runs.ledger import Ledger

LEDGER, HOLDER, POINTERS = "private/ledger.sqlite", "private/holder.json", "private/published"
_INPUTS = ("private/plan", "private/stages", "private/earlier", "assets")
_FRESH = 90.0  # seconds after which a run on another machine that says nothing is taken to have ended
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
    def pointers(self) -> Mapping[str, str]:
        """The tasks that were published when this was asked first."""
        return self.store.names(POINTERS)

    def bring(self) -> None:
        """Bring the ledger here, unless the one that is here was the last to be sent."""
        listed = self.store.names(LEDGER).get(LEDGER)
        sent = self._sent()
        if listed is not None and listed != sent:
            content = self.store.read(LEDGER)
            assert content is not None
            self._forget_ledger()
            write_atomic(self.ledger, content)
            self._note_sent(listed)
        elif listed is None and sent is not None:  # it was removed there
            shutil.rmtree(self.root, ignore_errors=True)

    def brought(self) -> RunFolder:
        """Return self, with the ledger here when there is one."""
        self.bring()
        return self

    def require(self) -> RunFolder:
        """Return self with its ledger here, or raise `RunError` when this is not a run."""
        self.bring()
        if not self.exists():
            raise RunError.of(NOT_A_RUN, folder=self.url)
        content = self.store.read("manifest.json")
        if content is not None:
            write_atomic(self.manifest, content)
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
        with super().locked() as token:
            self._require_free()
            self._say_held(token)
            try:
                yield token
            finally:
                with suppress(StoreError):
                    self.store.remove([HOLDER])

    def _require_free(self) -> None:
        content = self.store.read(HOLDER)
        if content is None:
            return
        held = json.loads(content)
        if held["host"] == socket.gethostname():
            running = held["pid"] != os.getpid() and Path(f"/proc/{held['pid']}").exists()
        else:
            running = time.time() - held["time"] < _FRESH
        if running:
            raise RunError.of(RUN_IN_USE, folder=self.url)

    def _say_held(self, token: str) -> None:
        held = {"token": token, "host": socket.gethostname(), "pid": os.getpid(), "time": time.time()}
        self.store.write(HOLDER, json.dumps(held).encode())

    def is_held(self, token: str) -> bool:
        """Say whether the run is still the one of a token."""
        content = self.store.read(HOLDER)
        return content is not None and json.loads(content)["token"] == token

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
            if file.is_file():
                self.store.write(file.relative_to(self.root).as_posix(), file.read_bytes())

    def withdraw(self, task: Task | TaskRecord) -> None:
        """Remove what is published of a task: its pointer first, then its page, the data of its figures and its findings."""
        figures = self.figures(task).relative_to(self.root).as_posix()
        own = [self.report(task), self.findings_of(task)]
        self.store.remove([_pointer(task), *(path.relative_to(self.root).as_posix() for path in own)])
        self.store.remove(self.store.names(figures))
        super().withdraw(task)

    def send_inputs(self) -> None:
        """Send what workers on other machines need: plan, templates, stages; and the shared files of the pages."""
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
        """Send a snapshot of the ledger when it is time, and say that the run is alive."""
        mark = self.private / "kept"
        due = not mark.is_file() or time.time() - mark.stat().st_mtime > _EVERY
        if not (due or now):
            return
        self.store.write(LEDGER, ledger.snapshot())
        self._note_sent(self.store.names(LEDGER)[LEDGER])
        self._say_held(token)
        mark.touch()

    def publish(self) -> None:
        """Send what stands above the reports: portfolio, findings, manifest."""
        for path in sorted(self.root.iterdir()):
            if path.name not in ("reports", "private"):
                self._send_below(path)

    def _send_below(self, path: Path) -> None:
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        self.send(*files)

    def _sent(self) -> str | None:
        file = self.private / "sent"
        return file.read_text(encoding="utf-8") if file.is_file() and self.exists() else None

    def _note_sent(self, mark: str) -> None:
        write_atomic(self.private / "sent", mark.encode())

    def _forget_ledger(self) -> None:
        for end in ("", "-wal", "-shm"):
            self.ledger.with_name(self.ledger.name + end).unlink(missing_ok=True)


def _pointer(task: Task | TaskRecord) -> str:
    return f"{POINTERS}/{task.lang}/{task.template}/{task.territory}.json"
