"""What a published report was made of, read again: its executed notebook, through the same door as the page."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from evalkit.errors import RunError
from evalkit.report.codes import WRONG_CONTEXT
from evalkit.report.payloads import Recorded, Text, read_notebook

if TYPE_CHECKING:
    from evalkit.model.run import TaskRecord
    from evalkit.runs import RunFolder

_TITLE = re.compile(r"<title>(.*?)</title>")
_HEADING = re.compile(r"^#[ \t]+(.+)$", re.MULTILINE)
_HEAD_BYTES = 8192


def read_recorded(folder: RunFolder, record: TaskRecord) -> Recorded:
    """Return the texts, figures and findings of a published report; raises `RunError` when they are of another territory."""
    import nbformat

    content = json.loads(folder.notebook(record).read_text(encoding="utf-8"))
    recorded = read_notebook(nbformat.from_dict(content), record.lang)
    found = str(recorded.context["territory"])
    if found != record.territory:
        raise RunError.of(WRONG_CONTEXT, name="territory", found=found, expected=record.territory)
    return recorded


def report_kind(recorded: Recorded) -> str:
    """Return what the template calls itself in the report's language: its first heading; empty when it has none."""
    texts = (item.source for item in recorded.items if isinstance(item, Text))
    found = next((match for text in texts if (match := _HEADING.search(text))), None)
    return "" if found is None or "{{" in found[1] else found[1].strip()


def territory_name(folder: RunFolder, record: TaskRecord) -> str:
    """Return the name of a territory as the title of its page says it (`Name (CODE) – …`); empty without a page."""
    page = folder.report(record)
    if not page.is_file():
        return ""
    with page.open("rb") as handle:
        head = handle.read(_HEAD_BYTES).decode("utf-8", errors="ignore")
    title = _TITLE.search(head)
    name, code, _ = html.unescape(title[1]).partition(f" ({record.territory}) – ") if title else ("", "", "")
    return name if code else ""
