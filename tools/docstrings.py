"""Docstrings of the house read back: what it answers, arguments, returns, refusals, the four sentences, the example."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

BLOCKS = ("Args", "Returns", "Raises", "Example")
SENTENCES = ("When not to use it", "Assumption", "Formula", "Source")
_BLOCK = re.compile(rf"({'|'.join(BLOCKS)}):")
_SENTENCE = re.compile(rf"({'|'.join(SENTENCES)}): (.*)", re.DOTALL)


@dataclass
class Docstring:
    """The parts of a docstring. `blocks` are indented parts by heading, `sentences` the labelled ones, `notes` the rest."""

    answer: str = ""
    notes: list[str] = field(default_factory=list)
    blocks: dict[str, str] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, str]:
        """What each argument means."""
        found = re.findall(
            r"^([\w, *]+): (.*?)(?=^[\w*][\w, *]*: |\Z)", self.blocks.get("Args", ""), re.DOTALL | re.MULTILINE
        )
        return {name.strip(): " ".join(text.split()) for name, text in found}


def read(thing: Callable[..., Any]) -> Docstring:
    """Read the docstring of a public name."""
    found = Docstring()
    for part in _parts(inspect.getdoc(thing) or ""):
        head, _, body = part.partition("\n")
        if _BLOCK.fullmatch(head):
            found.blocks[head[:-1]] = inspect.cleandoc("\n" + body)
        elif labelled := _SENTENCE.fullmatch(part):
            found.sentences[labelled[1]] = " ".join(labelled[2].split())
        elif found.answer:
            found.notes.append(" ".join(part.split()))
        else:
            found.answer = " ".join(part.split())
    return found


def _parts(text: str) -> list[str]:
    """Cut a docstring where a block, a labelled sentence or a paragraph begins."""
    parts: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        flush = not line.startswith(" ")
        starts = bool(_BLOCK.fullmatch(line) or _SENTENCE.match(line))
        if starts or (flush and line and (inside or not parts or not parts[-1][-1])):
            parts.append([])
            inside = bool(_BLOCK.fullmatch(line))
        if parts:
            parts[-1].append(line)
    return ["\n".join(lines).strip() for lines in parts]
