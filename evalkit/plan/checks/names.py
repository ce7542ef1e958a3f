"""Names that a plan declares: each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalkit.errors import Problem
from evalkit.plan.codes import TWICE
from evalkit.plan.draft import Draft
from evalkit.text.yamlines import Path


def check_names(draft: Draft) -> Iterator[Problem]:
    """Yield every identifier that is declared twice: questions, criteria, comparators, indicators, steps, recommendations, templates."""
    plan = draft.plan
    criteria = [
        (c.id, ("questions", q, "criteria", i, "id"))
        for q, question in enumerate(plan.questions)
        for i, c in enumerate(question.criteria)
    ]
    yield from _repeated(draft, criteria)
    yield from _repeated(draft, _ids("questions", (question.id for question in plan.questions)))
    yield from _repeated(draft, _ids("comparators", (comparator.id for comparator in plan.comparators)))
    yield from _repeated(draft, _ids("indicators", (indicator.id for indicator in plan.indicators)))
    yield from _repeated(draft, _ids("templates", (template.name for template in plan.templates), "name"))
    yield from _repeated(draft, _ids("recommendations", (item.id for item in plan.recommendations)))
    nodes = [(node.id, ("theory_of_change", "nodes", i, "id")) for i, node in enumerate(plan.nodes)]
    yield from _repeated(draft, nodes)


def _ids(section: str, ids: Iterable[str], key: str = "id") -> list[tuple[str, Path]]:
    return [(name, (section, position, key)) for position, name in enumerate(ids)]


def _repeated(draft: Draft, declared: Iterable[tuple[str, Path]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for name, path in declared:
        if name in first:
            yield draft.problem(TWICE, path, id=name, first=first[name])
        first.setdefault(name, draft.line(*path))
