"""What OpenDocument texts and spreadsheets share: a new document with its properties, and text that XML accepts."""

from __future__ import annotations

import datetime
import unicodedata
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from odfdo import Document

_CLUTTER = ("Configurations2", "Thumbnails")
LOCALES = {"fr": ("fr", "FR"), "en": ("en", "GB")}


def open_new(kind: str, *, title: str, subject: str, author: str, lang: str, made: datetime.datetime) -> Document:
    """Return a new `text` or `spreadsheet` with its title, its language and its date, and no picture of a preview."""
    from odfdo import Document

    document = Document(kind)
    meta, when = document.meta, made.replace(tzinfo=None)
    meta.title, meta.subject, meta.creator, meta.initial_creator = title, subject, author, author
    meta.language, meta.creation_date, meta.date = "-".join(LOCALES[lang]), when, when
    meta.editing_cycles = 1
    for path in document.manifest.get_paths():
        if path.startswith(_CLUTTER):
            document.manifest.del_full_path(path)
    for path in document.get_parts():
        if path.startswith(_CLUTTER):
            document.del_part(path)
    return document


def set_part(document: Document, name: str, content: bytes) -> None:
    """Put a file into the archive of a document."""
    assert document.container is not None
    document.container.set_part(name, content)


def set_looks(document: Document, styles: str) -> None:
    """Put styles where the content of a document finds those of its tables and cells."""
    from odfdo import Element

    old = document.content.root.get_element("office:automatic-styles")
    assert old is not None
    looks = Element.from_tag(f"<office:automatic-styles>{styles}</office:automatic-styles>")
    document.content.root.replace_element(old, looks)


def clean_text(text: str) -> str:
    """Return a text without the control characters that XML refuses."""
    return "".join(c if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Cn") else " " for c in text)


def xml_text(text: str) -> str:
    """Return a text as XML."""
    return escape(clean_text(text), quote=False)
