"""Texts that come from people (plans, catalogues, official files), in one or two languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LocalText:
    """A text given in French, in English or in both; asked for a missing language it gives the one that exists."""

    fr: str | None = None
    en: str | None = None

    def render(self, lang: str) -> str:
        """Return the text in `lang`, else in the language that exists, else an empty text."""
        first, second = (self.fr, self.en) if lang == "fr" else (self.en, self.fr)
        return first or second or ""

    def spoken(self, lang: str) -> str:
        """Return the language in which `render` gives the text."""
        written = self.fr if lang == "fr" else self.en
        return lang if written or not self else "en" if lang == "fr" else "fr"

    def __bool__(self) -> bool:
        return bool(self.fr or self.en)
