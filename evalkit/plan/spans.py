"""Which spans of a series can be compared: those that no declared break cuts."""

from __future__ import annotations

from collections.abc import Iterable

from evalkit.model.indicator import Indicator

Span = tuple[str, str]


def usable_spans(indicator: Indicator, periods: Iterable[str]) -> tuple[Span, ...]:
    """Return the longest spans of an indicator's periods that cross no break, the longest first.

    A series cut by breaks in 2016 and 2018 with the periods 2012 to 2019 gives 2012-2015, then 2016-2017 and 2018-2019.

    Args:
        indicator: the indicator, with its breaks.
        periods: the periods for which values exist, in any order.

    Returns:
        Pairs (first period, last period); a piece of one period only is no span.
    """
    pieces: list[list[str]] = []
    for period in sorted(set(periods)):
        if pieces and not indicator.breaks_between(pieces[-1][-1], period):
            pieces[-1].append(period)
        else:
            pieces.append([period])
    spans = [piece for piece in pieces if len(piece) > 1]
    return tuple((piece[0], piece[-1]) for piece in sorted(spans, key=lambda piece: (-_length(piece), piece[0])))


def _length(piece: list[str]) -> int:
    first, last = piece[0][:4], piece[-1][:4]
    return int(last) - int(first) if first.isdigit() and last.isdigit() else len(piece)
