"""Means of equal numbers of observations, and the straight line that a window of them follows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

LEAST_IN_BIN = 5
MOST_BINS = 20


def equal_bins(pairs: Sequence[tuple[float, float]]) -> list[tuple[float, float, int]]:
    """Return `(mean x, mean y, n)` of up to twenty groups of sorted pairs, of equal size and of five at least.

    Fewer than five pairs make no group: a mean of so few would tell their values.
    """
    count = min(MOST_BINS, len(pairs) // LEAST_IN_BIN)
    edges = [round(place * len(pairs) / count) for place in range(count + 1)] if count else []
    groups = [pairs[start:end] for start, end in itertools.pairwise(edges)]
    return [(_mean([x for x, _ in group]), _mean([y for _, y in group]), len(group)) for group in groups]


def local_line(pairs: Sequence[tuple[float, float]], cutoff: float, width: float) -> tuple[tuple[float, float], ...]:
    """Return both ends of the straight line through the pairs within `width` of the cutoff, nearer ones weighing more.

    The weights fall evenly to zero at `width` (triangular), as in the estimate of a jump; nothing where no line can be had.
    """
    near = [(x, y, 1 - abs(x - cutoff) / width) for x, y in pairs if abs(x - cutoff) < width]
    total = sum(weight for _, _, weight in near)
    if not total:
        return ()
    middle = sum(weight * x for x, _, weight in near) / total
    level = sum(weight * y for _, y, weight in near) / total
    spread = sum(weight * (x - middle) ** 2 for x, _, weight in near)
    if not spread:
        return ()
    slope = sum(weight * (x - middle) * (y - level) for x, y, weight in near) / spread
    ends = sorted((min(near)[0] if near[0][0] < cutoff else max(near)[0], cutoff))
    return tuple((x, level + slope * (x - middle)) for x in ends)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
