"""Where texts for readers come from: the calls of the code and of the page templates, and the French catalogues."""

from __future__ import annotations

import ast
import functools
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import nodes

PACKAGE = Path(__file__).resolve().parents[2] / "evalkit"
FRENCH = PACKAGE / "text" / "locale" / "fr"
_LITERALS = {"msg": (0,), "nmsg": (0, 1), "declare": (1, 2)}
_KEYWORDS = {"message", "way_out"}


@dataclass(frozen=True)
class Source:
    """One English text of the project, with the plural where it has one, and where it stands."""

    text: str
    plural: str | None
    place: str

    @property
    def room(self) -> str:
        """The room that says it."""
        return self.place.split("/")[1].split(":")[0]


@dataclass(frozen=True)
class Scan:
    """What a search of the sources gives: the texts, and the calls whose text is not written out."""

    sources: tuple[Source, ...]
    not_literal: tuple[str, ...]


def needs_french(text: str) -> bool:
    """Whether a text differs between languages: it has a word of its own, or a sign that French writes with a space."""
    own = "".join(part for part, *_ in string.Formatter().parse(text))
    return any(character.isalpha() or character in ":;?!%" for character in own)


def placeholders(text: str) -> set[str]:
    """The names between braces in a text."""
    return {name for _, name, *_ in string.Formatter().parse(text) if name is not None}


@functools.cache
def scan() -> Scan:
    """Every text of the code and of the page templates."""
    sources: list[Source] = []
    loose: list[str] = []
    for file in sorted(PACKAGE.rglob("*.py")):
        place = file.relative_to(PACKAGE.parent).as_posix()
        found, odd = _in_code(file.read_text(encoding="utf-8"), place)
        sources += found
        loose += odd
    for file in sorted((PACKAGE / "report").rglob("*.j2")):
        found, odd = _in_page(file.read_text(encoding="utf-8"), file.relative_to(PACKAGE.parent).as_posix())
        sources += found
        loose += odd
    return Scan(tuple(sources), tuple(loose))


def _in_code(text: str, place: str) -> tuple[list[Source], list[str]]:
    sources: list[Source] = []
    loose: list[str] = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name not in _LITERALS or (name != "declare" and not node.args):
            continue
        here = f"{place}:{node.lineno}"
        given = [node.args[index] for index in _LITERALS[name] if index < len(node.args)]
        if name == "declare":
            given += [keyword.value for keyword in node.keywords if keyword.arg in _KEYWORDS]
        texts = [arg.value for arg in given if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        if len(texts) != len(given):
            loose.append(here)
        elif name == "nmsg":
            sources.append(Source(texts[0], texts[1], here))
        else:
            sources += [Source(one, None, here) for one in texts]
    return sources, loose


def _in_page(text: str, place: str) -> tuple[list[Source], list[str]]:
    sources: list[Source] = []
    loose: list[str] = []
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for call in environment.parse(text).find_all(nodes.Call):
        if not isinstance(call.node, nodes.Name) or call.node.name not in ("_", "_n", "gettext", "ngettext"):
            continue
        here = f"{place}:{call.lineno}"
        plural = call.node.name in ("_n", "ngettext")
        given = call.args[: 2 if plural else 1]
        texts = [arg.value for arg in given if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
        if not texts or len(texts) != len(given):
            loose.append(here)
        else:
            sources.append(Source(texts[0], texts[1] if plural else None, here))
    return sources, loose


@dataclass(frozen=True)
class French:
    """One translated text: its file, English text, French forms and whether it was left to be looked at again."""

    file: str
    text: str
    plural: str | None
    forms: tuple[str, ...]
    fuzzy: bool


@functools.cache
def catalogues() -> dict[str, Catalog]:
    """The French catalogues by file name."""
    found = {}
    for path in sorted(FRENCH.glob("*.po")):
        with path.open("rb") as handle:
            found[path.name] = read_po(handle, locale="fr")
    return found


def french() -> Iterator[French]:
    """Every entry of the French catalogues."""
    for file, catalogue in catalogues().items():
        for entry in catalogue:
            if entry.id:
                many = isinstance(entry.id, (tuple, list))
                one, plural = (str(entry.id[0]), str(entry.id[1])) if many else (str(entry.id), None)
                texts = entry.string if isinstance(entry.string, (tuple, list)) else (entry.string,)
                yield French(file, one, plural, tuple(str(text or "") for text in texts), entry.fuzzy)
