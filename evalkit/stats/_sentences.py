"""Sentences made of sentences: joined with semicolons, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.text import Message
from evalkit.text.units import NBSP


@dataclass(frozen=True)
class Joined:
    """Several messages as one value of another message, with semicolons between them."""

    parts: tuple[Message, ...]

    def render(self, lang: str) -> str:
        """Return the parts in one line."""
        return (f"{NBSP}; " if lang == "fr" else "; ").join(part.render(lang) for part in self.parts)


@dataclass(frozen=True)
class Sentences:
    """Several messages as sentences one after the other: each begins with a capital and all but the last end with a full stop."""

    parts: tuple[Message, ...]

    def render(self, lang: str) -> str:
        """Return the sentences in one line."""
        texts = (part.render(lang) for part in self.parts)
        return ". ".join(text[:1].upper() + text[1:] for text in texts)
