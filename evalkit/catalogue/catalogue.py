"""The catalogue as a mapping from id to indicator."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from evalkit.model.indicator import Indicator
from evalkit.model.texts import LocalText


class Catalogue(Mapping[str, Indicator]):
    """All indicators by id, in the order of their themes; `themes` gives the name of each theme."""

    def __init__(self, indicators: Mapping[str, Indicator], themes: Mapping[str, LocalText]) -> None:
        self._indicators = dict(indicators)
        self.themes = dict(themes)

    def __getitem__(self, id: str) -> Indicator:
        return self._indicators[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._indicators)

    def __len__(self) -> int:
        return len(self._indicators)

    @property
    def core(self) -> tuple[str, ...]:
        """Return the ids of the indicators of the field's reference list, without the supporting ones."""
        return tuple(indicator.id for indicator in self._indicators.values() if not indicator.supporting)

    def by_theme(self) -> dict[str, tuple[Indicator, ...]]:
        """Return the indicators of each theme, supporting ones last."""
        ordered = sorted(self._indicators.values(), key=lambda indicator: indicator.supporting)
        return {theme: tuple(i for i in ordered if i.theme == theme) for theme in self.themes}

    def nearest(self, id: str) -> str | None:
        """Return the known id that looks most like a wrong one, None when none comes close."""
        found = difflib.get_close_matches(id.lower(), self._indicators, n=3)
        return min(found, key=lambda word: (-_likeness(word, id), self[word].supporting, word), default=None)


def _likeness(word: str, wrong: str) -> float:
    return difflib.SequenceMatcher(None, word, wrong.lower()).ratio()
