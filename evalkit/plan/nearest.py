"""The nearest known word, for refusals that help: `unknown key 'paramters', did you mean 'parameters'?`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from evalkit.text import Message, msg

_LIST_AT_MOST = 12
_SHOWN = 60


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that resembles `word` most, or None when none does."""
    words = sorted(set(known))
    lower = {item.lower(): item for item in reversed(words)}
    found = difflib.get_close_matches(word[:_SHOWN].lower(), sorted(lower), n=1, cutoff=0.6)
    return lower[found[0]] if found else None


def hint(word: str, known: Iterable[str]) -> Message | str:
    """Return the end of a refusal: the nearest known word, else the known words when they are few, else nothing."""
    words = sorted(set(known))
    close = nearest(word, words)
    if close is not None:
        return msg(", did you mean '{nearest}'?", nearest=close)
    if 0 < len(words) <= _LIST_AT_MOST:
        return msg(" (known here: {known})", known=words)
    return ""


def shorten(value: object) -> str:
    """Return a value of the plan as a message shows it: on one line, at most 60 characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
