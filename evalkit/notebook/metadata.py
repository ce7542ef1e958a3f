"""What a template says of itself in the metadata of its notebook, under `evalkit`: its title, and whether it asks for stages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evalkit.errors import Problem
from evalkit.model.texts import LocalText
from evalkit.notebook import codes
from evalkit.text import Message, msg
from evalkit.text.messages import LANGUAGES
from evalkit.text.yamlines import Path, dotted

_KEYS = ("title", "stages")
_PLACE: Path = ("metadata", "evalkit")
_TITLE = '"title": {"fr": "…", "en": "…"}'


@dataclass(frozen=True)
class TemplateMetadata:
    """The title of a template, empty where the notebook gives none, and whether it asks for what is computed for all territories."""

    title: LocalText = LocalText()
    stages: bool = True


def read_metadata(metadata: Mapping[str, Any], file: str) -> tuple[TemplateMetadata, list[Problem]]:
    """Return what the metadata of a notebook say under `evalkit`, and every problem with its file and place; nothing has to be said."""
    said = metadata.get("evalkit", {})
    problems = [Problem(p.code, p.values, file, path=p.path) for p in _problems(said)]
    if problems:
        return TemplateMetadata(), problems
    return TemplateMetadata(LocalText(**said.get("title", {})), said.get("stages", True)), []


def _problems(said: Any) -> Iterator[Problem]:
    if not isinstance(said, Mapping):
        yield _wrong(said, _PLACE, msg("a group of keys"), f'"evalkit": {{{_TITLE}}}')
        return
    yield from _unknown(said, _KEYS, _PLACE)
    stages = said.get("stages", True)
    if not isinstance(stages, bool):
        yield _wrong(stages, (*_PLACE, "stages"), msg("true or false"), '"stages": false')
    yield from _title_problems(said.get("title", {}), (*_PLACE, "title"))


def _title_problems(title: Any, place: Path) -> Iterator[Problem]:
    if not isinstance(title, Mapping):
        yield _wrong(title, place, msg("a group of keys"), _TITLE)
        return
    yield from _unknown(title, LANGUAGES, place)
    for lang in (lang for lang in LANGUAGES if lang in title):
        text, at = title[lang], (*place, lang)
        if not isinstance(text, str):
            yield _wrong(text, at, msg("a text"), f'"{lang}": "…"')
        elif not text.strip():
            yield Problem(codes.METADATA_EMPTY, {"key": lang}, path=dotted(at))


def _unknown(said: Mapping[str, Any], known: Collection[str], place: Path) -> Iterator[Problem]:
    from evalkit.plan.nearest import hint, shorten

    for key in sorted(set(said) - set(known)):
        yield Problem(
            codes.METADATA_KEY, {"key": shorten(key), "hint": hint(key, known)}, path=dotted((*place, shorten(key)))
        )


def _wrong(found: Any, place: Path, expected: Message, example: str) -> Problem:
    from evalkit.plan.refusals import found_kind

    values = {"found": found_kind(found), "expected": expected, "example": example}
    return Problem(codes.METADATA_TYPE, values, path=dotted(place))
