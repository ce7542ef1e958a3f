"""The classes of a map: their limits, as precise as they are shown, their shades and their names."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence

from evalkit.charts.inputs import finite, quantile
from evalkit.charts.place_inputs import MapData
from evalkit.charts.words import rounded
from evalkit.text import Quantity, msg

RAMP = ("step1", "step2", "step3", "step4", "step5")
SHADES = {1: (2,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}


def class_breaks(data: MapData) -> tuple[float, ...]:
    """Return the inner limits of the classes, as precise as they are shown."""
    if data.breaks:
        return tuple(sorted(data.breaks))[: len(RAMP) - 1]
    known = [rounded(one, data.unit, data.decimals) for one in finite([area.value for area in data.areas])]
    count = next(number for number, least in ((5, 15), (4, 12), (3, 6), (2, 2), (1, 0)) if len(known) >= least)
    found = {rounded(quantile(known, place / count), data.unit, data.decimals) for place in range(1, count)}
    return tuple(sorted(one for one in found if one > known[0])) if known else ()


def class_of(value: float, breaks: Sequence[float], data: MapData) -> int:
    """Return the class of a value as it is shown: the first is below the first limit, a limit belongs to the class above."""
    return bisect_right(breaks, rounded(value, data.unit, data.decimals))


def shade(place: int, breaks: Sequence[float]) -> str:
    """Return the colour token of a class."""
    return RAMP[SHADES[len(breaks) + 1][place]]


def class_names(data: MapData, breaks: Sequence[float], lang: str) -> list[str]:
    """Return what each class holds: `40,0 % à moins de 45,0 %`."""
    limits = [Quantity(one, data.unit, data.decimals) for one in breaks]
    if not limits:
        return [msg("all values").render(lang)]
    inner = [
        msg("{low} to less than {high}", low=low, high=high).render(lang) for low, high in itertools.pairwise(limits)
    ]
    first, last = msg("less than {high}", high=limits[0]), msg("{low} and more", low=limits[-1])
    return [first.render(lang), *inner, last.render(lang)]
