"""What a file really is, whatever its name says: a text table, a workbook, a map, or a page saved by mistake."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import Any

from evalkit.data.codes import FILE_EMPTY, FILE_UNREADABLE, NOT_UTF8, WRONG_CONTAINER
from evalkit.data.delivery import SourceFile
from evalkit.errors import DataError, Problem
from evalkit.text import Message, msg

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"PAR1", "parquet"),
    (b"7z\xbc\xaf", "zip"),
)


@dataclass(frozen=True)
class Content:
    """The content of a file: its kind (`csv`, `xls`, `geojson`, `topojson`, or what it is instead), its text or its JSON."""

    kind: str
    text: str = ""
    document: Any = None
    problems: tuple[Problem, ...] = ()


def describe(kind: str) -> Message:
    """Return the words for a kind of file."""
    words = {
        "csv": msg("a text table (CSV)"),
        "xls": msg("an Excel workbook"),
        "geojson": msg("a GeoJSON map"),
        "topojson": msg("a TopoJSON map"),
        "html": msg("a web page (HTML)"),
        "json": msg("a JSON message, perhaps an error of the site"),
        "zip": msg("a zip archive, to be unpacked first"),
        "gzip": msg("a compressed file (gzip), to be unpacked first"),
        "pdf": msg("a PDF document"),
        "parquet": msg("a Parquet file"),
    }
    return words.get(kind, msg("a binary file of unknown format"))


def read_content(file: SourceFile, page: str) -> Content:
    """Return the content of a file by its bytes, not by its name; refused when it is empty or cannot be read."""
    try:
        data = file.path.read_bytes()
    except OSError as error:
        raise DataError.of(FILE_UNREADABLE, file=file.name, reason=error.strerror or "?") from error
    if not data.strip():
        raise DataError.of(FILE_EMPTY, file=file.name, page=page)
    kind = next((kind for start, kind in _SIGNATURES if data.startswith(start)), "")
    if kind == "zip" and _is_workbook(file):
        return Content("xls")
    if kind:
        return Content(kind)
    text, problems = _decode(data, file)
    return Content("binary") if text is None else _text_content(text, problems)


def expect(content: Content, kind: str, file: SourceFile, page: str) -> Content:
    """Return the content when it is of the expected kind, else refuse it and say to download it again."""
    if content.kind != kind:
        raise DataError.of(
            WRONG_CONTAINER, file=file.name, found=describe(content.kind), expected=describe(kind), page=page
        )
    return content


def _is_workbook(file: SourceFile) -> bool:
    try:
        with zipfile.ZipFile(file.path) as archive:
            return any(name.startswith("xl/workbook") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _decode(data: bytes, file: SourceFile) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the text: UTF-8 (with or without mark), UTF-16 with mark, else Windows-1252 with a warning."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), ()
    if b"\x00" in data[:4096]:
        return None, ()
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), (Problem(NOT_UTF8, {}, file.name),)


def _text_content(text: str, problems: tuple[Problem, ...]) -> Content:
    start = text.lstrip()[:2000]
    if start.startswith("<"):
        return Content("html", problems=problems)
    if not start.startswith(("{", "[")):
        return Content("csv", text, problems=problems)
    try:
        document = json.loads(text)
    except ValueError:
        return Content("json", problems=problems)
    kinds = {"Topology": "topojson", "FeatureCollection": "geojson", "Feature": "geojson"}
    kind = kinds.get(str(document.get("type")), "json") if isinstance(document, dict) else "json"
    return Content(kind, document=document, problems=problems)
