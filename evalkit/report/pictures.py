"""Pictures and house-made tables before they enter a page: well formed, and nothing in them that acts or calls out."""

from __future__ import annotations

import re
from collections.abc import Iterable
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
    svg = _first_in_svg(figure) if figure.kind == "chart" else _Watcher.first_offence(figure.svg)
    if found := svg or _Watcher.first_offence(figure.html):
        raise RunError.of(ACTIVE_CONTENT, figure=figure.id, what=found)


def _first_in_svg(figure: Figure) -> str | None:
    """Return what a picture must not hold, or None; raises `RunError` when it is not a picture.

    Without comments, instructions and declarations a browser finds the elements in a page that an XML reader finds, which is ten
    times as fast as reading markup as a browser does. Prefixes are left aside: what has one does less in a page, not more.
    """
    root = _svg(figure)
    for element in root.iter():
        names = ((_local(name), value) for name, value in element.attrib.items())
        if found := offence(_local(element.tag), names):
            return found
    return None


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2].lower()


def offence(tag: str, attributes: Iterable[tuple[str, str | None]]) -> str | None:
    """Return what a report does not allow of an element: itself, an attribute; None when it does. Names are in small letters."""
    if tag in _FORBIDDEN or tag in _MOVING:
        return f"<{tag}>"
    for name, value in attributes:
        away = name in _LINKS and not (value or "").startswith("#")
        if name.startswith("on") or name == "style" or away:
            return f"{name}=…"
    return None


def _svg(figure: Figure) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(figure.svg)  # noqa: S314 # drawn by our charts; entity declarations are refused
    except ElementTree.ParseError as error:
        raise RunError.of(BAD_SVG, figure=figure.id) from error
    if root.tag != "{http://www.w3.org/2000/svg}svg" or "<!" in figure.svg or "<?" in figure.svg:
        raise RunError.of(BAD_SVG, figure=figure.id)
    return root


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
        self.offence = self.offence or offence(tag, attrs)
