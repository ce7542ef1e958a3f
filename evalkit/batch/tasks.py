"""From a plan to its tasks: one for each template, territory and language."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from evalkit.batch.codes import NO_TASK
from evalkit.batch.keys import Recipe, recipe, task_key
from evalkit.errors import UsageError
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import Task
from evalkit.notebook.templates import find_template
from evalkit.plan import resolve_territories

if TYPE_CHECKING:
    from evalkit.batch.since import Since
    from evalkit.data.warehouse import Warehouse


def plan_tasks(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    *,
    territories: Sequence[str] = (),
    templates: Sequence[str] = (),
    languages: Sequence[str] = (),
    since: Since | None = None,
) -> list[Task]:
    """Return the tasks of a plan, filtered; a filter that names nothing of the plan is refused with the nearest names.

    `since` is the earlier run that their reports are compared with: it is a part of their keys.
    """
    codes = _chosen("--territory", territories, resolve_territories(plan, warehouse))
    names = set(_chosen("--template", templates, [item.name for item in plan.templates]))
    langs = _chosen("--lang", languages, plan.languages)
    made = recipes(plan, since)

    def key(name: str, lang: str, code: str) -> str:
        earlier = "" if since is None else since.findings.get(f"{lang}/{name}/{code}", "")
        return task_key(made[name, lang], code, earlier)

    return [
        Task(item.name, code, lang, key(item.name, lang, code), item.parameters)
        for item in plan.templates
        if item.name in names
        for lang in langs
        for code in codes
    ]


def recipes(plan: EvaluationPlan, since: Since | None = None) -> dict[tuple[str, str], Recipe]:
    """Return what the tasks of each template and language have in common."""
    found = {item.name: find_template(item.name, plan.file) for item in plan.templates}
    part = "" if since is None else since.part
    return {
        (item.name, lang): recipe(plan, item, found[item.name], lang, part)
        for item in plan.templates
        for lang in plan.languages
    }


def _chosen(option: str, wanted: Sequence[str], known: Iterable[str]) -> list[str]:
    """Return the known names, in their order, that are wanted (all when nothing is)."""
    every = list(dict.fromkeys(known))
    for name in wanted:
        if name not in every:
            near = difflib.get_close_matches(name, every, n=3) or every[:5]
            raise UsageError.of(NO_TASK, option=option, value=name, known=near)
    return [name for name in every if not wanted or name in wanted]
