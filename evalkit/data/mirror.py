"""A warehouse on object storage, read through a copy on this machine that all its tasks share.

A copy is one state of the warehouse: it is never changed, so that a task reads what its run began with. Objects that two states
have in common are kept once.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evalkit.data.codes_storage import MOVED_ON, NOT_WHOLE, READ_ONLY, UNREACHABLE
from evalkit.data.codes_warehouse import NO_WAREHOUSE
from evalkit.data.storage import ObjectStore, StoreError, is_remote, open_store, staging
from evalkit.errors import DataError

_ORIGIN = "origin"


def local_copy(url: str, state: str | None = None) -> Path:
    """Return a folder that holds what lies at an address, downloaded as far as it is not here yet.

    Args:
        url: where the warehouse lies, such as `s3://bucket/warehouse`.
        state: the state that a run began with; by default the present one.

    Raises:
        DataError: nothing answers at the address, there is no warehouse, a file is not what its record says, or another state is there.
    """
    base = staging(url, "warehouses")
    if state is not None and (base / "states" / state).is_dir():
        return base / "states" / state
    try:
        return _mirrored(open_store(url), base, state)
    except StoreError as error:
        raise DataError.of(UNREACHABLE, reason=str(error.strerror)) from error


def local_warehouse(reference: str) -> Path:
    """Return the folder of a warehouse that a task was told: a path, or an address with a state, as `reference_of` gives it."""
    if not is_remote(reference):
        return Path(reference)
    url, _, state = reference.partition("#")
    return local_copy(url, state or None)


def reference_of(root: Path) -> str:
    """Return what other machines can find an open warehouse by."""
    origin = root.parent.parent / _ORIGIN
    if root.parent.name == "states" and origin.is_file():
        return f"{origin.read_text(encoding='utf-8')}#{root.name}"
    return str(root.absolute())


def refuse_remote(place: object) -> None:
    """Raise `DataError` when a warehouse that is to be changed lies on object storage."""
    if is_remote(place):
        raise DataError.of(READ_ONLY, url=str(place))


def _mirrored(store: ObjectStore, base: Path, state: str | None) -> Path:
    marks = {name: mark for name, mark in store.names().items() if not name.endswith((".lock", ".part"))}
    if "schema.json" not in marks:
        raise DataError.of(NO_WAREHOUSE, folder=store.url)
    found = hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()[:16]
    if state not in (None, found):
        raise DataError.of(MOVED_ON, url=store.url)
    place = base / "states" / found
    with _alone(base):
        if not place.is_dir():
            (base / _ORIGIN).write_text(store.url, encoding="utf-8")
            _fill(store, base, place, marks)
    return place


def _fill(store: ObjectStore, base: Path, place: Path, marks: Mapping[str, str]) -> None:
    """Build a state beside its place, check it, then give it its name."""
    draft = place.with_name(f".{place.name}")
    shutil.rmtree(draft, ignore_errors=True)
    for name, mark in marks.items():
        held = base / "objects" / hashlib.sha256(f"{name}\n{mark}".encode()).hexdigest()
        if not held.is_file():
            held.parent.mkdir(parents=True, exist_ok=True)
            part = held.with_suffix(".part")
            store.download(name, part)
            part.replace(held)
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        os.link(held, draft / name)
    _require_whole(draft, base, marks)
    draft.replace(place)


def _require_whole(draft: Path, base: Path, marks: Mapping[str, str]) -> None:
    """Compare each table with the hash in its record; what is wrong is forgotten, so that it is fetched again."""
    from evalkit.data.warehouse._record import read_records

    for record in read_records(draft):
        for kind, sha256 in sorted(record.parquet.items()):
            file = record.data_path(draft, kind)
            name = file.relative_to(draft).as_posix()
            content = file.read_bytes() if file.is_file() else b""
            if hashlib.sha256(content).hexdigest() != sha256:
                wrong = hashlib.sha256(f"{name}\n{marks.get(name)}".encode()).hexdigest()
                (base / "objects" / wrong).unlink(missing_ok=True)
                shutil.rmtree(draft)
                raise DataError.of(NOT_WHOLE, file=name)


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    """Let one process at a time fill a copy; the others wait and find it done."""
    base.mkdir(parents=True, exist_ok=True)
    with (base / ".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
