"""Reads the files of indicators, and refuses them with every problem at once, each with its line."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evalkit.catalogue.catalogue import Catalogue
from evalkit.catalogue.codes import (
    DUPLICATE,
    INCONSISTENT,
    MISSING_KEY,
    NO_THEME,
    NOT_YAML,
    ONE_LANGUAGE,
    UNKNOWN_KEY,
    UNKNOWN_VALUE,
    WRONG_TYPE,
)
from evalkit.catalogue.consistency import contradictions
from evalkit.catalogue.schema import KNOWN, Definition, IndicatorFile
from evalkit.errors import CatalogueError, Problem
from evalkit.model.indicator import Indicator
from evalkit.model.texts import LocalText
from evalkit.text.messages import LANGUAGES, Message, msg
from evalkit.text.yamlines import Located, YamlProblem, dotted, read_yaml
from evalkit.text.yamlines import Path as YamlPath

FOLDER = Path(__file__).parent / "indicators"
_REASONS = {
    "string_too_long": msg("too long to fit a table row"),
    "string_too_short": msg("empty"),
    "string_type": msg("a text is wanted (between quotes)"),
    "string_pattern_mismatch": msg("not of the form wanted"),
    "bool_type": msg("true or false is wanted"),
    "int_type": msg("a whole number is wanted"),
    "float_type": msg("a number is wanted"),
    "float_parsing": msg("a number is wanted"),
    "list_type": msg("a list is wanted"),
    "dict_type": msg("keys with values are wanted"),
    "model_type": msg("keys with values are wanted"),
}


@functools.cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with evalkit. Raises `CatalogueError` when a definition is refused."""
    return read_catalogue(FOLDER)


def nearest(id: str) -> str | None:
    """Return the id of the shipped catalogue that looks most like a wrong one, None when none comes close."""
    return load_catalogue().nearest(id)


def read_catalogue(folder: Path) -> Catalogue:
    """Read every `*.yaml` of a folder; raises `CatalogueError` with the problems of all files, sorted by file and line."""
    sheets = [_Sheet(path) for path in sorted(folder.glob("*.yaml"))]
    themes = {sheet.file.theme.id: sheet.file.theme.label.text() for sheet in sheets if sheet.file and sheet.file.theme}
    indicators: dict[str, Indicator] = {}
    homes: dict[str, str] = {}
    for sheet in sheets:
        for indicator in sheet.indicators(themes):
            if indicator.id in homes:
                sheet.refuse(DUPLICATE, ("indicators", indicator.id), id=indicator.id, other=homes[indicator.id])
            homes.setdefault(indicator.id, sheet.path.name)
            indicators.setdefault(indicator.id, indicator)
    problems = [problem for sheet in sheets for problem in sheet.problems]
    if problems:
        raise CatalogueError(sorted(problems, key=lambda p: (p.file or "", p.line or 0, p.path or "")))
    return Catalogue(_in_theme_order(indicators, themes), themes)


def _in_theme_order(indicators: dict[str, Indicator], themes: Iterable[str]) -> dict[str, Indicator]:
    order = list(themes)
    return dict(sorted(indicators.items(), key=lambda item: (order.index(item[1].theme), item[1].supporting)))


class _Sheet:
    """One file of indicators: what it says, and what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.file: IndicatorFile | None = None
        try:
            self.located = read_yaml(path)
        except YamlProblem as problem:
            self.located = Located.nothing()
            self.problems = [
                Problem(NOT_YAML, {"reason": f.message}, str(path), f.line, dotted(f.path)) for f in problem.faults
            ]
            return
        try:
            self.file = IndicatorFile.model_validate(self.located.data)
        except ValidationError as error:
            for details in error.errors():
                self._refuse_details(details)

    def refuse(self, code: Any, path: YamlPath, **values: Any) -> None:
        """Add a problem of this file."""
        self.problems.append(Problem(code, values, str(self.path), self.located.line_of(path), dotted(path)))

    def indicators(self, themes: dict[str, LocalText]) -> Iterator[Indicator]:
        """Yield the indicators of the file; contradictions and unknown themes are added to the problems."""
        if self.file is None:
            return
        default = self.file.theme.id if self.file.theme else ""
        for name, definition in self.file.indicators.items():
            theme = definition.theme or default
            if theme in themes:
                self._refuse_contradictions(name, definition)
                yield definition.indicator(name, theme, supporting=self.file.supporting)
            else:
                self.refuse(NO_THEME, ("indicators", name, "theme"), theme=theme, hint=_hint(theme, themes))

    def _refuse_contradictions(self, id: str, definition: Definition) -> None:
        for key, reason in contradictions(definition):
            self.refuse(INCONSISTENT, ("indicators", id, key), reason=reason)

    def _refuse_details(self, details: ErrorDetails) -> None:
        path: YamlPath = tuple(step for step in details["loc"] if step != "[key]")
        key = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        kind, shown = details["type"], self.located.raw_of(path)
        if kind == "extra_forbidden":
            self.refuse(UNKNOWN_KEY, path, key=key, hint=_hint(key, _keys_at(path)))
        elif kind == "missing" and key in LANGUAGES:
            self.refuse(ONE_LANGUAGE, path, lang=key)
        elif kind == "missing":
            self.refuse(MISSING_KEY, path, key=key)
        elif kind == "literal_error" and shown is not None:
            self.refuse(UNKNOWN_VALUE, path, key=key, value=shown, hint=_hint(shown, KNOWN[key]))
        else:
            reason = _REASONS.get(kind, details["msg"])
            self.refuse(WRONG_TYPE, path, key=key, value=shown or "…", reason=reason)


def _keys_at(path: YamlPath) -> list[str]:
    """Return the keys that the schema knows where an unknown one was found."""
    model: type[Any] = IndicatorFile
    if path[:1] == ("indicators",) and len(path) == 3:
        model = Definition
    elif len(path) > 1:
        return ["fr", "en", "period", "reason", "source", "id", "label"]
    return list(model.model_fields)


def _hint(wrong: str, known: Iterable[str]) -> Message:
    """Say which known word was probably meant, else name them all."""
    words = sorted(known)
    found = difflib.get_close_matches(wrong, words, n=1)
    return msg("did you mean '{word}'?", word=found[0]) if found else msg("known: {words}", words=words)
