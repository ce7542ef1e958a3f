"""Writing the outline of a shape in fewer bytes: steps from place to place, to a tenth of a unit, instead of places."""

from __future__ import annotations

import re

_COMMAND = re.compile(r"([MLz])([^MLz]*)")
_CURVED = re.compile(r"[^MLz\d.\s-]")
LEAST_PARTS = 3


def shorten(outline: str) -> str:
    """Return an outline of three straight parts or more as relative steps; any other as it is.

    Places are rounded first and steps taken between rounded places, so that no error adds up along the way.
    """
    if outline.count("M") < LEAST_PARTS or _CURVED.search(outline):
        return outline
    here = start = (0, 0)
    written, last = "", ""
    for command, numbers in _COMMAND.findall(outline):
        if command == "z":
            here, written, last = start, f"{written}z", "z"
            continue
        x, y = (round(10 * float(number)) for number in numbers.split())
        step, here = (x - here[0], y - here[1]), (x, y)
        if command == "M":
            start = here
            letter, text = ("m", _pair(step)) if written else ("M", _pair(here))
        else:
            letter, text = _straight(step)
        is_next = letter == last == "l"
        written += text if is_next and text.startswith("-") else f" {text}" if is_next else letter + text
        last = letter
    return written


def _straight(step: tuple[int, int]) -> tuple[str, str]:
    if not step[1]:
        return "h", _tenths(step[0])
    return ("l", _pair(step)) if step[0] else ("v", _tenths(step[1]))


def _pair(place: tuple[int, int]) -> str:
    first, last = (_tenths(one) for one in place)
    return first + last if last.startswith("-") else f"{first} {last}"


def _tenths(value: int) -> str:
    whole, rest = divmod(abs(value), 10)
    text = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{text}" if value < 0 else text
