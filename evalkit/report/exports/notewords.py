"""The words and colours that the note has in Word and in OpenDocument alike."""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.report.exports.note import Note
from evalkit.text import msg

COLOURS = {"better": "006B5F", "worse": "A8321A", "partly": "7A4B00", "none": "4B3F8F", "same": "566071"}
"""The colours of judgements on white; a sign and a word always stand with them."""


@dataclass(frozen=True)
class NoteWords:
    """The heads of the note in its language."""

    keys: str
    answers: str
    recommendations: str
    limits: str
    sources: str
    heads: tuple[str, str, str]


def words(note: Note) -> NoteWords:
    """Return the heads of a note."""
    lang = note.lang
    return NoteWords(
        keys=msg("What to remember").render(lang),
        answers=msg("What was asked and answered").render(lang),
        recommendations=msg("Recommendations").render(lang),
        limits=msg("What this note does not show").render(lang),
        sources=msg("Sources").render(lang),
        heads=(
            msg("Question and criterion").render(lang),
            msg("Rule fixed beforehand").render(lang),
            msg("Judgement").render(lang),
        ),
    )
