"""Writing an export: nothing is replaced, nothing is left half written, equal contents give equal bytes."""

from __future__ import annotations

import datetime
import io
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from evalkit.errors import RunError
from evalkit.report.exports import codes
from evalkit.runs import RunFolder
from evalkit.runs.files import write_atomic

Content = bytes | Path
"""What a file of an export holds: bytes, or the file that it is a copy of."""

_FILE_MODE = 0o644 << 16
_FIRST = "mimetype"  # where a file begins in an OpenDocument archive, uncompressed


def require_free(out: Path, folder: RunFolder) -> None:
    """Refuse, with `RunError`, a path that exists or that lies in the run folder."""
    if out.exists() or out.is_symlink():
        raise RunError.of(codes.OUT_EXISTS, out=str(out))
    if out.absolute().resolve().is_relative_to(folder.root.resolve()):
        raise RunError.of(codes.OUT_IN_RUN, out=str(out))


@contextmanager
def guarded(out: Path) -> Iterator[None]:
    """Turn a refusal of the file system into a message."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RunError.of(codes.OUT_NOT_WRITABLE, out=str(out), reason=reason) from error


def write_file(out: Path, content: bytes) -> None:
    """Write a file that does not exist yet, whole or not at all."""
    with guarded(out):
        write_atomic(out, content)


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """Give a folder to fill, which takes its place when all went well and disappears when not."""
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with guarded(out):
            draft.mkdir(parents=True)
        yield draft
        with guarded(out):
            draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def archive(files: Mapping[str, Content], when: datetime.datetime) -> bytes:
    """Return a zip archive of files by name, sorted, all of one date."""
    content = io.BytesIO()
    _fill(content, files, when)
    return content.getvalue()


def write_archive(out: Path, files: Mapping[str, Content], when: datetime.datetime) -> None:
    """Write a zip archive that does not exist yet, whole or not at all; files are read one after the other."""
    draft = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        with guarded(out):
            out.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as target:
                _fill(target, files, when)
            draft.rename(out)
    finally:
        draft.unlink(missing_ok=True)


def write_tree(folder: Path, files: Mapping[str, Content]) -> None:
    """Write files by name below a folder."""
    for name, content in sorted(files.items()):
        target = folder / name
        with guarded(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(read(content))


def read(content: Content) -> bytes:
    """Return what stands in a file, or the bytes themselves."""
    return content.read_bytes() if isinstance(content, Path) else content


def _fill(target: IO[bytes], files: Mapping[str, Content], when: datetime.datetime) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name in sorted(files, key=lambda name: (name != _FIRST, name)):
            archive.writestr(_entry(name, when), read(files[name]))


def _entry(name: str, when: datetime.datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, when.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_STORED if name == _FIRST else zipfile.ZIP_DEFLATED
    entry.external_attr, entry.create_system = _FILE_MODE, 3
    return entry


def same_bytes(content: bytes, when: datetime.datetime) -> bytes:
    """Return an archive written by a library again, so that equal contents give equal bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        files = {name: source.read(name) for name in source.namelist() if not name.endswith("/")}
    return archive(files, when)
