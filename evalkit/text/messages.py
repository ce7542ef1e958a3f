"""Text that readers see: written once in English in the code, translated through the room catalogues (`locale/fr/*.po`)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

LANGUAGES: tuple[str, ...] = ("fr", "en")
_LOCALE = Path(__file__).parent / "locale"


@runtime_checkable
class Renderable(Protocol):
    """Anything that knows how to say itself in a language."""

    def render(self, lang: str) -> str:
        """Return the text in `lang` (`"fr"` or `"en"`)."""
        ...


@functools.cache
def _catalogue(lang: str) -> dict[str, tuple[str, ...]]:
    """Every translated message of a language, from all room catalogues; English is the source and has none."""
    found: dict[str, tuple[str, ...]] = {}
    if lang == "en":
        return found
    from babel.messages.pofile import read_po

    for path in sorted((_LOCALE / lang).glob("*.po")):
        with path.open("rb") as handle:
            for entry in read_po(handle, locale=lang):
                if entry.id and not entry.fuzzy:
                    source = entry.id[0] if isinstance(entry.id, (tuple, list)) else entry.id
                    texts = entry.string if isinstance(entry.string, (tuple, list)) else (entry.string,)
                    if all(texts):
                        found[str(source)] = tuple(str(text) for text in texts)
    return found


def translate(template: str, lang: str) -> str:
    """Return the `lang` text of an English source text; the English text itself when no translation exists (a test forbids that)."""
    return _catalogue(lang).get(template, (template,))[0]


def is_plural(n: float, lang: str) -> bool:
    """Say whether a count takes the plural: in French from 2 on, in English for all but 1."""
    return abs(n) >= 2 if lang == "fr" else n != 1


@dataclass(frozen=True)
class Message:
    """A text with named values, rendered in the reader's language only when it is shown."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None
    n: float | None = None

    def render(self, lang: str) -> str:
        """Return the text in `lang`, each value rendered in the same language."""
        texts = _catalogue(lang).get(self.template)
        if texts is None:
            texts = (self.template,) if self.plural is None else (self.template, self.plural)
        many = self.plural is not None and self.n is not None and is_plural(self.n, lang)
        text = texts[-1] if many else texts[0]
        return text.format_map({key: _show(value, lang) for key, value in self.values.items()})

    def __str__(self) -> str:
        return self.render("en")


def _show(value: object, lang: str) -> str:
    if isinstance(value, Renderable):
        return value.render(lang)
    if isinstance(value, (list, tuple)):
        return ", ".join(_show(item, lang) for item in value)
    return str(value)


def msg(template: str, /, **values: Any) -> Message:
    """Build a message: `msg("unknown key {key}", key="paramters")`."""
    return Message(template, values)


def nmsg(one: str, many: str, n: float, /, **values: Any) -> Message:
    """Build a message that depends on a count, given as `{n}` too: `nmsg("{n} value", "{n} values", 3)`."""
    from evalkit.text.numbers import Quantity

    return Message(one, {"n": Quantity(n, "count"), **values}, many, n)
