"""Sentences that travel in a file: each in every language, and read back as a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.errors import StatsError
from evalkit.model.estimate import Check
from evalkit.model.texts import LocalText
from evalkit.text import LANGUAGES, Message, msg
from evalkit.text.messages import Renderable

Said = dict[str, str]


def both(message: Renderable) -> Said:
    """Return a message in every language."""
    return {lang: message.render(lang) for lang in LANGUAGES}


def heard(said: Mapping[str, str]) -> Message:
    """Return the message of a text that was kept in every language."""
    return msg("{text}", text=LocalText(said.get("fr"), said.get("en")))


def why(error: StatsError) -> Said:
    """Return what a statistic lacked, in every language."""
    problem = error.problems[0]
    return both(Message(problem.code.message, problem.values))


def said_checks(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Return checks with their sentences in every language."""
    return [{"name": check.name, "passed": check.passed, "sentence": both(check.sentence)} for check in checks]


def heard_checks(rows: Iterable[Mapping[str, Any]]) -> tuple[Check, ...]:
    """Return the checks that were kept."""
    return tuple(Check(row["name"], row["passed"], heard(row["sentence"])) for row in rows)
