"""The theory of change: links between steps that exist, without a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalkit.errors import Problem
from evalkit.model.indicator import Indicator
from evalkit.plan.codes import CYCLE, UNKNOWN_INDICATOR, UNKNOWN_NODE
from evalkit.plan.draft import Draft
from evalkit.plan.nearest import hint
from evalkit.text.yamlines import Path


def check_theory(draft: Draft, catalogue: Mapping[str, Indicator]) -> Iterator[Problem]:
    """Yield links to unknown steps, circles of causes, and indicators that the catalogue does not know."""
    nodes = [node.id for node in draft.plan.nodes]
    for position, link in enumerate(draft.plan.links):
        for key, node in (("from", link.source), ("to", link.target)):
            if node not in nodes and draft.complete("theory_of_change", "nodes"):
                path: Path = ("theory_of_change", "links", position, key)
                yield draft.problem(UNKNOWN_NODE, path, node=node, hint=hint(node, nodes))
    for position, step in enumerate(draft.plan.nodes):
        for rank, indicator in enumerate(step.indicators):
            if indicator not in catalogue:
                at = ("theory_of_change", "nodes", position, "indicators", rank)
                yield draft.problem(UNKNOWN_INDICATOR, at, indicator=indicator, hint=hint(indicator, catalogue))
    yield from _circle(draft)


def _circle(draft: Draft) -> Iterator[Problem]:
    """Peel off the steps that nothing leads to; what stays holds a circle."""
    left = dict(enumerate(draft.plan.links))
    while True:
        caused = {link.target for link in left.values()}
        causing = {link.source for link in left.values()}
        inner = {i: link for i, link in left.items() if link.source in caused and link.target in causing}
        if len(inner) == len(left):
            break
        left = inner
    if left:
        nodes = sorted({link.source for link in left.values()})
        yield draft.problem(CYCLE, ("theory_of_change", "links", min(left)), nodes=nodes)
