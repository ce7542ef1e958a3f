"""Does a page speak of the territory it should? Checked before every publication, for a wrong report is worse than none."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from evalkit.errors import Code, Problem, RunError
from evalkit.model.run import Task
from evalkit.notebook.recording import CONTEXT, FINDING
from evalkit.report import codes
from evalkit.report.payloads import outputs

if TYPE_CHECKING:
    from nbformat import NotebookNode

_VOLATILE = re.compile(r'^[ \t]*<p class="volatile" data-volatile>[^<>]*</p>\r?\n', re.MULTILINE)
_CHECKED = ("territory", "template", "lang")


class _Head(HTMLParser):
    """Reads the title and the `evalkit:` marks of a page's head."""

    def __init__(self) -> None:
        super().__init__()
        self.metas: dict[str, list[str]] = {}
        self.title = ""
        self.lang = ""
        self._in_head = self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a mark, and where the head and the title begin."""
        values = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = values.get("lang", "")
        self._in_head = self._in_head or tag == "head"
        self._in_title = self._in_head and tag == "title"
        if self._in_head and tag == "meta" and values.get("name", "").startswith("evalkit:"):
            self.metas.setdefault(values["name"].removeprefix("evalkit:"), []).append(values.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        """Note where the title and the head end."""
        self._in_title = False
        self._in_head = self._in_head and tag != "head"

    def handle_data(self, data: str) -> None:
        """Keep the text of the title."""
        if self._in_title:
            self.title += data


def check_identity(html: str, notebook: NotebookNode, task: Task) -> list[Problem]:
    """Return what does not fit between a page, the notebook it was made from and the task; an empty list lets it be published.

    The territory, the template and the language are compared in the page's marks, in its title (`Name (CODE) – …`), in the
    notebook's context and in every finding.
    """
    head = _Head()
    head.feed(html.partition("</head>")[0])  # what stands in the body is no mark, and reading all of it takes long
    expected = {name: getattr(task, name) for name in _CHECKED}
    problems = [
        _problem(codes.WRONG_META, name, found, expected[name])
        for name, found in (
            ("territory", " ".join(head.metas.get("territory", []))),
            ("template", " ".join(head.metas.get("template", []))),
            ("lang", head.lang),
        )
        if found != expected[name]
    ]
    contexts = outputs(notebook, CONTEXT)
    name = str(contexts[0].get("name", "")) if contexts else ""
    if not head.title.startswith(f"{name} ({task.territory}) – "):
        problems.append(Problem(codes.WRONG_TITLE, {"found": head.title[:120], "expected": task.territory}))
    return problems + _check_outputs(notebook, expected)


def _check_outputs(notebook: NotebookNode, expected: dict[str, str]) -> list[Problem]:
    contexts = outputs(notebook, CONTEXT) or [{}]
    problems = [
        _problem(codes.WRONG_CONTEXT, name, context.get(name), value)
        for context in contexts
        for name, value in expected.items()
        if context.get(name) != value
    ]
    for number, output in enumerate(outputs(notebook, FINDING), 1):
        finding = output.get("finding", {})
        problems += [
            _problem(codes.WRONG_FINDING, name, finding.get(name), value, number=str(number))
            for name, value in expected.items()
            if finding.get(name) != value
        ]
    return problems


def _problem(code: Code, name: str, found: object, expected: str, **more: str) -> Problem:
    shown = "–" if found in (None, "") else str(found)[:120]
    return Problem(code, {"name": name, "found": shown, "expected": expected, **more})


def canonical_hash(html: str) -> str:
    """Return the SHA-256 of a page without its one marked line (run and time); equal inputs give equal hashes.

    Raises `RunError` when the page does not have exactly one such line.
    """
    kept, n = _VOLATILE.subn("", html)
    if n != 1:
        raise RunError.of(codes.NO_VOLATILE_LINE, n=n)
    return hashlib.sha256(kept.encode()).hexdigest()
