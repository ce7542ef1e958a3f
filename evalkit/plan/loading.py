"""The two doors of the plan: load it or refuse it, and check all that can be checked before anything is executed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from evalkit.catalogue import load_catalogue
from evalkit.errors import PlanError, Problem
from evalkit.model.indicator import Indicator
from evalkit.model.plan import EvaluationPlan
from evalkit.plan import checks
from evalkit.plan.codes import UNKNOWN_TEMPLATE
from evalkit.plan.draft import Draft, read_draft
from evalkit.plan.holdings import Holdings
from evalkit.plan.nearest import hint

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


@runtime_checkable
class SelfChecked(Protocol):
    """What can tell its own problems: a template, of which the plan knows nothing but its name."""

    def problems(self, given: Mapping[str, Any]) -> list[Problem]:
        """Return what is wrong with it, and with the parameters (`name` among the values) that a plan gives: those name no file."""


def load_plan(path: Path | str, *, catalogue: Mapping[str, Indicator] | None = None) -> EvaluationPlan:
    """Return the evaluation plan that a YAML file describes.

    Args:
        path: the plan, UTF-8 YAML; relative paths inside it start from its folder.
        catalogue: indicator definitions; evalkit's own when not given.

    Raises:
        PlanError: every problem of form at once; what the plan means is for `check_plan`.
    """
    draft, problems = read_draft(Path(path), load_catalogue() if catalogue is None else catalogue)
    if draft is not None:
        problems += checks.check_names(draft)
    if draft is None or problems:
        raise PlanError(_sorted(problems))
    return draft.plan


def check_plan(
    path: Path | str,
    warehouse: Warehouse | None = None,
    *,
    templates: Collection[str] | Mapping[str, object] | None = None,
    catalogue: Mapping[str, Indicator] | None = None,
) -> tuple[EvaluationPlan | None, list[Problem]]:
    """Return the plan, when no problem is an error, and every problem that can be found before anything is executed.

    Args:
        path: the plan.
        warehouse: the data; without it, what only the data can tell is not checked.
        templates: the templates that exist, by name; those that the plan names are asked for their own problems, where
            they can tell them (`SelfChecked`). Without templates, names are not checked.
        catalogue: indicator definitions; evalkit's own when not given.
    """
    known = load_catalogue() if catalogue is None else catalogue
    draft, problems = read_draft(Path(path), known)
    if draft is None:
        return None, _sorted(problems)
    problems += _meaning(draft, known, warehouse)
    problems += _templates(draft, templates)
    refused = any(problem.severity == "error" for problem in problems)
    return None if refused else draft.plan, _sorted(problems)


def _meaning(draft: Draft, catalogue: Mapping[str, Indicator], warehouse: Warehouse | None) -> Iterator[Problem]:
    holdings = None
    if warehouse is not None and draft.has("territories"):
        holdings = Holdings(draft.plan, catalogue, warehouse)
    yield from checks.check_names(draft)
    yield from checks.check_theory(draft, catalogue)
    yield from checks.check_indicators(draft, catalogue)
    yield from checks.check_comparators(draft)
    yield from checks.check_criteria(draft, catalogue)
    yield from checks.check_designs(draft, catalogue, holdings.all_periods() if holdings else {})
    yield from checks.check_rules(draft, catalogue)
    yield from checks.check_recommendations(draft, warehouse)
    if warehouse is not None:
        yield from checks.check_held(draft, warehouse)
    if holdings is not None:
        yield from checks.check_values(draft, holdings)


def _templates(draft: Draft, templates: Collection[str] | Mapping[str, object] | None) -> Iterator[Problem]:
    for position, template in enumerate(draft.plan.templates if templates is not None else ()):
        if template.name not in (templates or ()):
            words = {"template": template.name, "hint": hint(template.name, templates or ())}
            yield draft.problem(UNKNOWN_TEMPLATE, ("templates", position, "name"), **words)
        found = templates.get(template.name) if isinstance(templates, Mapping) else None
        if isinstance(found, SelfChecked):
            for problem in found.problems(template.parameters):
                at = ("templates", position, "parameters", str(problem.values.get("name", "")))
                yield problem if problem.file else draft.problem(problem.code, at, **problem.values)


def _sorted(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems from the top of the file to its end, each once."""
    unique = {problem.render("en"): problem for problem in problems}
    return sorted(unique.values(), key=lambda p: (p.file or "", p.line or 0, p.code.id, p.path or "", p.message("en")))
