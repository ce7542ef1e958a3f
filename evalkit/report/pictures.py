"""Pictures and house-made tables before they enter a page: well formed, and nothing in them that acts or calls out."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

from evalkit.errors import RunError
from evalkit.model.figure import Figure
from evalkit.report.codes import ACTIVE_CONTENT, BAD_FIGURE_ID, BAD_SVG, NO_ALT, NO_DATA

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")
_FORBIDDEN = frozenset(
    {"script", "style", "iframe", "object", "embed", "link", "meta", "base", "form", "foreignobject"}
)
_MOVING = frozenset({"animate", "animatemotion", "animatetransform", "set"})
_LINKS = frozenset({"href", "src", "action", "formaction", "xlink:href", "srcset", "poster", "background"})


def check_figure(figure: Figure) -> None:
    """Refuse, with `RunError`, a figure without text alternative or data, with a bad name, or that holds active content."""
    if not _ID.fullmatch(figure.id):
        raise RunError.of(BAD_FIGURE_ID, figure=figure.id)
    if not figure.alt.strip():
        raise RunError.of(NO_ALT, figure=figure.id)
    if not figure.data.columns or not figure.data.rows:
        raise RunError.of(NO_DATA, figure=figure.id)
    if figure.kind == "chart":
        _check_svg(figure)
    for text in (figure.svg, figure.html):
        if found := _Watcher.first_offence(text):
            raise RunError.of(ACTIVE_CONTENT, figure=figure.id, what=found)


def _check_svg(figure: Figure) -> None:
    try:
        root = ElementTree.fromstring(figure.svg)  # noqa: S314 # drawn by our charts; entity declarations are refused
    except ElementTree.ParseError as error:
        raise RunError.of(BAD_SVG, figure=figure.id) from error
    if root.tag != "{http://www.w3.org/2000/svg}svg" or "<!" in figure.svg or "<?" in figure.svg:
        raise RunError.of(BAD_SVG, figure=figure.id)


class _Watcher(HTMLParser):
    """Reads markup as a browser does and keeps the first thing that a report does not allow."""

    def __init__(self) -> None:
        super().__init__()
        self.offence: str | None = None

    @classmethod
    def first_offence(cls, text: str) -> str | None:
        """Return what is not allowed (an element or an attribute), or None."""
        watcher = cls()
        watcher.feed(text)
        watcher.close()
        return watcher.offence

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element and its attributes."""
        found = f"<{tag}>" if tag in _FORBIDDEN | _MOVING else None
        for name, value in attrs:
            away = name in _LINKS and not (value or "").startswith("#")
            if found is None and (name.startswith("on") or name == "style" or away):
                found = f"{name}=…"
        self.offence = self.offence or found
