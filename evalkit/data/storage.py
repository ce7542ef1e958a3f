"""Object storage through fsspec: whole objects, no renames, errors in words."""

from __future__ import annotations

import errno
import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from evalkit.data.codes_storage import NO_EXTRA, UNKNOWN_STORE
from evalkit.errors import DataError

_EXTRAS = {"s3": "s3", "s3a": "s3"}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "s3": {
        "use_listings_cache": False,
        "config_kwargs": {
            "connect_timeout": 10,
            "read_timeout": 60,
            "retries": {"max_attempts": 3, "mode": "standard"},
        },
    },
}
_REFUSED = (404, 409, 412)  # the object is gone, is being written by another, or is not the one that was seen
_NO_BUCKET = "NoSuchBucket"
_UNKNOWN = 501  # to storage that has no conditional writes


class StoreError(OSError):
    """The object storage did not do what it was asked."""


def is_remote(place: object) -> bool:
    """Say whether a place is an address such as `s3://bucket/folder`, not a path."""
    return isinstance(place, str) and "://" in place and not place.startswith("file://")


def cache_folder() -> Path:
    """Return where copies of what lies on object storage are kept: `EVALKIT_CACHE`, else the user's cache."""
    if given := os.environ.get("EVALKIT_CACHE"):
        return Path(given).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "evalkit"


class ObjectStore:
    """The objects below an address. Names are relative and use `/`; an object is there whole or not at all."""

    def __init__(self, url: str) -> None:
        import fsspec  # type: ignore[import-untyped]

        self.url = url.rstrip("/")
        scheme = url.partition("://")[0]
        try:
            self._fs, self._root = fsspec.core.url_to_fs(self.url, **_OPTIONS.get(scheme, {}))
        except ImportError as error:
            extra = _EXTRAS.get(scheme, scheme)
            raise DataError.of(NO_EXTRA, scheme=scheme, extra=extra) from error
        except ValueError as error:
            raise DataError.of(UNKNOWN_STORE, url=url) from error

    def write(self, name: str, content: bytes) -> None:
        """Write an object; readers see the old one or the new one."""
        with self._reaching():
            if "file" in self._fs.protocol:
                self._fs.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
            self._fs.pipe_file(self._path(name), content)

    def look(self, name: str) -> tuple[bytes | None, str | None]:
        """Return an object with the mark that it had just before, which `write_if` asks for; both None when there is none."""
        with self._reaching(), _IfThere():
            info = self._fs.info(self._path(name))
            return self._fs.cat_file(self._path(name)), self._condition(info)
        return None, None

    def write_if(self, name: str, content: bytes, mark: str | None) -> bool:
        """Write an object if its mark still is this one, or if there is none when the mark is None; say whether it was written.

        S3 compares and writes in one step. Storage that knows no such step compares first, or leaves the condition unread: who
        must be alone looks again afterwards.
        """
        condition = {"IfNoneMatch": "*"} if mark is None else {"IfMatch": mark}
        if self._is_s3():
            try:
                with self._reaching():
                    self._fs.pipe_file(self._path(name), content, **condition)
            except StoreError as error:
                told, status = _answer(error.__cause__)
                if status in _REFUSED and told != _NO_BUCKET:
                    return False
                if status != _UNKNOWN:
                    raise
            else:
                return True
        if self.look(name)[1] != mark:
            return False
        self.write(name, content)
        return True

    def read(self, name: str) -> bytes | None:
        """Return an object, None when there is none."""
        with self._reaching(), _IfThere():
            content: bytes = self._fs.cat_file(self._path(name))
            return content
        return None

    def read_all(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return several objects at once; those that are not there are left out."""
        paths = {self._path(name): name for name in names}
        if not paths:
            return {}
        with self._reaching():
            found = self._fs.cat(list(paths), on_error="return")
        if isinstance(found, bytes):
            return {next(iter(paths.values())): found}
        broken = [e for e in found.values() if isinstance(e, Exception) and not isinstance(e, FileNotFoundError)]
        if broken:
            raise self._failed(broken[0]) from broken[0]
        return {paths[path]: content for path, content in sorted(found.items()) if isinstance(content, bytes)}

    def download(self, name: str, file: Path) -> None:
        """Copy an object into a file."""
        with self._reaching():
            self._fs.get_file(self._path(name), str(file))

    def names(self, below: str = "") -> dict[str, str]:
        """Return the names of the objects below a name, each with a mark that changes when the object does."""
        with self._reaching(), _IfThere():
            found = self._fs.find(self._path(below).rstrip("/"), detail=True)
            return {path[len(self._root) + 1 :]: _mark(info) for path, info in sorted(found.items())}
        return {}

    def remove(self, names: Iterable[str]) -> None:
        """Remove objects; those that are not there do not matter."""
        for name in names:
            with self._reaching(), _IfThere():
                self._fs.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _is_s3(self) -> bool:
        return "s3" in self._fs.protocol

    def _condition(self, info: Mapping[str, Any]) -> str:
        return str(info["ETag"]) if self._is_s3() else _mark(info)

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Turn whatever a client library raises into one error."""
        try:
            yield
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StoreError:
        """Return the error of this store, which names that of the storage, else that of the library."""
        told, _ = _answer(error)
        return StoreError(errno.EIO, f"{self.url}: {told or type(error).__name__}")


@functools.lru_cache(maxsize=8)
def open_store(url: str) -> ObjectStore:
    """Open the objects below an address; raises `DataError` when this kind of storage is not known or its library is absent."""
    return ObjectStore(url)


def staging(url: str, kind: str) -> Path:
    """Return the local folder that stands for an address."""
    clean = url.rstrip("/")
    return cache_folder() / kind / hashlib.sha256(clean.encode()).hexdigest()[:16] / clean.rpartition("/")[2]


class _IfThere(AbstractContextManager[None]):
    """Ends a block at an object that is not there; a bucket that is not there is no answer."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return isinstance(error, FileNotFoundError) and _answer(error)[0] != _NO_BUCKET


def _answer(error: BaseException | None) -> tuple[str, int | None]:
    """Return the word and the status with which S3 refused a request; s3fs keeps both in the cause of its own errors."""
    for one in (error, getattr(error, "__cause__", None)):
        found = getattr(one, "response", None)
        if isinstance(found, Mapping):
            word = str(found.get("Error", {}).get("Code", ""))
            return "" if word.isdigit() else word, found.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return "", None


def _mark(info: Mapping[str, Any]) -> str:
    parts = [info.get(name) for name in ("ETag", "etag", "mtime", "created", "LastModified", "size")]
    return "|".join(str(part) for part in parts if part is not None)
