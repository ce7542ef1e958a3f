"""What an automatic accessibility tool cannot see on a page: words that are there but say nothing."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

_SHORTEST_ALT = 40
_PLACEHOLDERS = re.compile(r"no description|image|figure \d|todo|lorem|xxx", re.IGNORECASE)


class _Node:
    def __init__(self, tag: str, attrs: dict[str, str], parent: _Node | None) -> None:
        self.tag, self.attrs, self.parent = tag, attrs, parent
        self.children: list[_Node | str] = []

    def every(self, *tags: str) -> Iterator[_Node]:
        for child in self.children:
            if isinstance(child, _Node):
                if not tags or child.tag in tags:
                    yield child
                yield from child.every(*tags)

    @property
    def text(self) -> str:
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return re.sub(r"\s+", " ", "".join(parts)).strip()

    def has(self, name: str) -> bool:
        return name in self.attrs.get("class", "").split()


class _Tree(HTMLParser):
    _VOID = frozenset({"meta", "link", "br", "img", "input", "hr", "col", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.root = self._here = _Node("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs}, self._here)
        self._here.children.append(node)
        if tag not in self._VOID:
            self._here = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._here.children.append(_Node(tag, {name: value or "" for name, value in attrs}, self._here))

    def handle_endtag(self, tag: str) -> None:
        node: _Node | None = self._here
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self._here = node.parent

    def handle_data(self, data: str) -> None:
        self._here.children.append(data)


def lint_page(html: str) -> list[str]:
    """Return what is wrong with a page, one sentence each."""
    tree = _Tree()
    tree.feed(html)
    root = tree.root
    return [*_pictures(root), *_figures(root), *_statuses(root), *_headings(root), *_tables(root), *_links(root)]


def _alt(picture: _Node, root: _Node) -> str:
    if picture.tag == "img":
        return picture.attrs.get("alt", "")
    label = picture.attrs.get("aria-label")
    if label is not None:
        return label
    wanted = picture.attrs.get("aria-labelledby", "")
    return next((node.text for node in root.every() if node.attrs.get("id") == wanted), "")


def _pictures(root: _Node) -> Iterator[str]:
    alts = []
    for picture in root.every("svg", "img"):
        if picture.attrs.get("aria-hidden") == "true":
            continue
        alt = _alt(picture, root)
        if not alt.strip():
            yield f"a picture says nothing: {sorted(picture.attrs.items())[:3]}"
        elif re.fullmatch(_PLACEHOLDERS, alt):
            yield f"a picture says only {alt!r}"
        elif picture.has("chart"):
            alts.append(alt)
    yield from (f"two charts say the same: {alt!r}" for alt, n in Counter(alts).items() if n > 1)


def _figures(root: _Node) -> Iterator[str]:
    for figure in root.every("figure"):
        name = figure.attrs.get("id", "?")
        title = next((node.text for node in figure.every("h3")), "")
        for chart in figure.every("svg"):
            if not chart.has("chart"):
                continue
            alt = _alt(chart, root)
            if len(alt) < _SHORTEST_ALT:
                yield f"{name}: its text alternative is short: {alt!r}"
            if alt == title:
                yield f"{name}: its text alternative repeats its title"
            doors = {node.attrs.get("href", "").rpartition(".")[2] for node in figure.every("a")}
            if not {"csv", "json"} <= doors:
                yield f"{name}: no link to its data"
            if not any(True for _ in figure.every("table")):
                yield f"{name}: no table of its data"
            said = figure.text
            for lines in (("Lecture", "How to read it"), ("Source",)):
                if not any(re.search(rf"{line} ?:", said.replace("\u00a0", " ")) for line in lines):
                    yield f"{name}: no line {lines[0]}"


def _statuses(root: _Node) -> Iterator[str]:
    for mark in root.every("span"):
        if mark.has("verdict") and not re.fullmatch(r"[▲◐▼◆●○✓✗?]\s*\S.{2,}", mark.text):
            yield f"a status without symbol and word: {mark.text!r}"


def _headings(root: _Node) -> Iterator[str]:
    levels = [int(node.tag[1]) for node in root.every("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of the first level"
    yield from (f"a heading skips from {a} to {b}" for a, b in itertools.pairwise(levels) if b > a + 1)


def _tables(root: _Node) -> Iterator[str]:
    for table in root.every("table"):
        caption = next((node.text for node in table.every("caption")), "")
        if not caption:
            yield "a table without a caption"
        for head in table.every("th"):
            if head.attrs.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
                yield f"a head without scope in the table {caption!r}: {head.text!r}"


def _links(root: _Node) -> Iterator[str]:
    for link in root.every("a"):
        words = link.attrs.get("aria-label") or link.text
        if words.strip().lower() in {"", "ici", "here", "cliquez ici", "click here", "lien", "link"}:
            yield f"a link that does not say where it leads: {link.attrs.get('href')}"
