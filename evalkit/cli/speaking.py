"""The language of messages, and how problems are printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from evalkit.errors import Problem
from evalkit.text.messages import LANGUAGES, Message
from evalkit.text.units import NBSP, NNBSP


def system_language() -> str:
    """Return the language of the locale: French when it is a French one, else English."""
    named = os.environ.get("EVALKIT_UI_LANG") or next(
        (v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), ""
    )
    return "fr" if named.lower().startswith("fr") else "en"


def _language(value: str | None) -> str:
    if value is not None and value not in LANGUAGES:
        raise typer.BadParameter(f"{value!r}: fr, en")
    return value or system_language()


UiLang = Annotated[
    str,
    typer.Option(
        "--ui-lang", callback=_language, default_factory=system_language, show_default="locale", metavar="fr|en",
        help="Language of messages / langue des messages.",
    ),
]  # fmt: skip


def say(message: Message, lang: str, *, error: bool = False) -> None:
    """Print a message in the user's language."""
    tell(message.render(lang), error=error)


def tell(text: str, *, error: bool = False) -> None:
    """Print a line at once; who listens no longer (`| head`) does not end what is being done, and hears no more of it."""
    stream = sys.stderr if error else sys.stdout
    try:
        typer.echo(text, err=error)
    except BrokenPipeError:
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
            os.dup2(nowhere.fileno(), stream.fileno())


def show(problems: Iterable[Problem], lang: str, *, error: bool = False) -> None:
    """Print problems, one a line."""
    for problem in problems:
        typer.echo(problem.render(lang), err=error)


def plain(text: str) -> str:
    """Return a text of a run on one line, without what would steer a terminal; French spaces stay."""
    return "".join(c if c.isprintable() or c in NBSP + NNBSP else " " for c in text)


def is_terminal() -> bool:
    """Say whether progress can be drawn in place."""
    return sys.stdout.isatty()
