"""Exact reasoning on rules: can these comparisons hold together, given that lower <= value <= upper?

Every comparison is a bound on the difference of two quantities, so the question is whether a graph of differences has a
cycle that adds up to less than nothing (Floyd-Warshall, on fractions: no rounding decides a verdict).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from fractions import Fraction

from evalkit.model.plan import Comparison, Rule

Line = float | str
_ORIGIN = ""
_INTERVAL = (Comparison("lower", "<=", "value"), Comparison("value", "<=", "upper"))
_Bound = tuple[Fraction, int]  # (c, 0): strictly less than c; (c, 1): at most c. The smaller bound is the tighter one


def can_hold(comparisons: Iterable[Comparison], known: Mapping[str, float] | None = None) -> bool:
    """Say whether the comparisons can all hold for some interval `lower <= value <= upper` and the known values."""
    fixed = [Comparison(name, "<=", value) for name, value in (known or {}).items()]
    fixed += [Comparison(name, ">=", value) for name, value in (known or {}).items()]
    edges = [_edge(comparison) for comparison in (*_INTERVAL, *comparisons, *fixed)]
    bounds: dict[tuple[str, str], _Bound] = {}
    for pair, bound in edges:
        bounds[pair] = min(bound, bounds.get(pair, bound))
    nodes = sorted({node for pair in bounds for node in pair})
    for middle, first, last in itertools.product(nodes, repeat=3):
        if (first, middle) in bounds and (middle, last) in bounds:
            path = _add(bounds[first, middle], bounds[middle, last])
            bounds[first, last] = min(path, bounds.get((first, last), path))
    return not any(bounds.get((node, node), (Fraction(0), 1)) < (Fraction(0), 1) for node in nodes)


def crosses_line_safe(rule: Rule, line: Line = 0.0, known: Mapping[str, float] | None = None) -> bool:
    """Say whether a rule can never hold for an interval that contains the line: `lower < line < upper`.

    Args:
        rule: the judgement rule.
        line: the value that separates one verdict from the other: zero for a gap or a change, `"target"` for a target.
        known: values stated in the plan, such as the target.
    """
    crossing = (_against("lower", "<", line), _against("upper", ">", line))
    return not can_hold((*rule.comparisons, *crossing), known)


def _against(name: str, operator: str, line: Line) -> Comparison:
    return Comparison(name, "<" if operator == "<" else ">", line)


def _edge(comparison: Comparison) -> tuple[tuple[str, str], _Bound]:
    """Return `(u, v), bound` for `u - v` under the bound; the origin stands for zero."""
    number = isinstance(comparison.value, int | float)
    other = _ORIGIN if number else str(comparison.value)
    constant = Fraction(comparison.value) if number else Fraction(0)
    loose = 1 if comparison.operator.endswith("=") else 0
    if comparison.operator.startswith("<"):
        return (comparison.name, other), (constant, loose)
    return (other, comparison.name), (-constant, loose)


def _add(first: _Bound, second: _Bound) -> _Bound:
    return first[0] + second[0], min(first[1], second[1])
