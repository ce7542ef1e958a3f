"""A published case: the figures that a source printed, and what computes them again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from evalkit.text import Message, msg
from evalkit.verify.words import EXACT, PRINTED, STATISTICS

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from evalkit.verify.reading import Reference

    Vector = NDArray[np.floating[Any]]

EDGE = 1e-9
"""Room for binary fractions: half a unit of the last digit counts as reached when it is missed by this share."""


@dataclass(frozen=True, eq=False)
class Column:
    """Many published figures of one file beside what was obtained for each of them."""

    published: Vector
    obtained: Vector


Answers = Mapping[str, Mapping[str, "float | Column"]]
"""What was obtained: by subject (a term, an estimator, a place), then by statistic."""


@dataclass(frozen=True)
class Figure:
    """One published figure, written as its source printed it; None when it stands in a file of the reference folder."""

    subject: str
    statistic: str
    published: str | None
    tolerance: float
    reason: Message
    relative: bool = False

    @property
    def what(self) -> Message:
        """The figure in words: `REML: standard error`."""
        return named(self.subject, self.statistic)


@dataclass(frozen=True)
class Gap:
    """Published figures that are not computed again, and why not."""

    subject: str
    statistic: str
    published: str
    reason: Message

    @property
    def what(self) -> Message:
        """The figure in words."""
        return named(self.subject, self.statistic)


@dataclass(frozen=True)
class Case:
    """A published case; `needs` are files of the reference folder, none for a case that ships."""

    id: str
    family: str
    title: Message
    source: str
    compute: Callable[[Reference], Answers] = field(repr=False)
    figures: tuple[Figure, ...] = ()
    gaps: tuple[Gap, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def shipped(self) -> bool:
        """Say whether the case stands in the program itself and needs no file."""
        return not self.needs


def nothing(_: Reference) -> Answers:
    """Compute nothing: a case of which no figure is covered."""
    return {}


def named(subject: str, statistic: str) -> Message:
    """Return the words for a statistic of a subject."""
    if not subject:
        return STATISTICS[statistic]
    return msg("{subject}: {statistic}", subject=subject, statistic=STATISTICS[statistic])


def printed(
    subject: str = "",
    /,
    *,
    within: float | None = None,
    relative: bool = False,
    because: Message | None = None,
    **published: str,
) -> tuple[Figure, ...]:
    """Return figures written as printed; without `within`, they are to be met to half a unit of their last digit.

    An integer is a count and is to be met exactly. `within` and `because` go together: another tolerance needs its reason.
    """
    return tuple(_figure(subject, name, text, within, because, relative=relative) for name, text in published.items())


def series(
    subjects: str, /, *, within: float | None = None, because: Message | None = None, **published: str
) -> tuple[Figure, ...]:
    """Return figures of many subjects: subjects parted by `|`, the figures of a statistic by spaces, in the same order."""
    names = [name.strip() for name in subjects.split("|")]
    return tuple(
        _figure(name, statistic, text, within, because)
        for statistic, texts in published.items()
        for name, text in zip(names, texts.split(), strict=True)
    )


def _figure(
    subject: str, statistic: str, text: str, within: float | None, because: Message | None, *, relative: bool = False
) -> Figure:
    if (within is None) != (because is None):
        raise ValueError("a tolerance of its own needs its reason")
    tolerance = half_unit(text) if within is None else within
    return Figure(subject, statistic, text, tolerance, because or (PRINTED if decimals(text) else EXACT), relative)


def filed(subject: str, statistic: str, within: float, because: Message, *, relative: bool = False) -> Figure:
    """Return the figures of one column of a file of the reference folder, to be met each within the tolerance."""
    return Figure(subject, statistic, None, within, because, relative)


def decimals(text: str) -> int:
    """Return the number of decimals of a printed figure: 4 for `0.0670`."""
    exponent = Decimal(text).as_tuple().exponent
    return max(0, -int(exponent))


def half_unit(text: str) -> float:
    """Return half a unit of the last printed digit; 0 for an integer, which is a count."""
    places = decimals(text)
    return 0.5 * 10.0**-places if places else 0.0


def met(obtained: float, published: float, tolerance: float, *, relative: bool = False) -> bool:
    """Say whether a figure is met within its tolerance."""
    room = tolerance * abs(published) if relative else tolerance
    return math.isfinite(obtained) and abs(obtained - published) <= room * (1 + EDGE) + 1e-15 * abs(published)


def significant(text: str) -> int:
    """Return the number of significant digits of a printed figure: 3 for `0.0670`."""
    return len(Decimal(text).as_tuple().digits)


def digits(obtained: float, published: float, most: int) -> int:
    """Return how many significant digits agree: the difference is at most half a unit of the last of them."""
    if not math.isfinite(obtained):
        return 0
    gap = abs(obtained - published)
    if gap == 0:
        return most
    if published == 0:
        return 0
    first = math.floor(math.log10(abs(published)))
    agree = math.floor(first + 1 - math.log10(2 * gap) + 1e-6)
    return max(0, min(most, agree))
