"""Task keys: a hash of all that a report is made from, but for the rows that it reads (see `reuse`)."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import evalkit
from evalkit.model.plan import EvaluationPlan, PlanTemplate
from evalkit.report import load_theme

if TYPE_CHECKING:
    from evalkit.notebook.templates import Template

SINCE = "since"
_HALF = 32
_NO_PART = frozenset({"file", "sha256", "warehouse", "templates", "territories", "theme"})


@dataclass(frozen=True)
class Recipe:
    """What the tasks of one template and language have in common: each part by name, with its hash or its value."""

    parts: Mapping[str, str]

    @functools.cached_property
    def sha256(self) -> str:
        """Return the hash of all parts."""
        return _hash(dict(self.parts))

    def differences(self, other: Recipe) -> list[str]:
        """Return the names of the parts that differ, sorted."""
        return sorted(name for name in {*self.parts, *other.parts} if self.parts.get(name) != other.parts.get(name))


def recipe(plan: EvaluationPlan, item: PlanTemplate, template: Template, lang: str, since: str = "") -> Recipe:
    """Return the recipe of a template of the plan in a language; `since` names the earlier run that its reports are compared with."""
    return Recipe(
        {
            "template": template_hash(template),
            "parameters": _hash(_plain(item.parameters)),
            "lang": lang,
            "evalkit": evalkit.__version__,
            "source": source_hash(),
            "packages": packages_hash(plan.file.parent),
            "theme": "" if plan.theme is None else load_theme(plan.theme).sha256,
            **plan_parts(plan),
            **({SINCE: since} if since else {}),
        }
    )


def task_key(recipe: Recipe, territory: str, earlier: str = "") -> str:
    """Return the key of a task; its first half is that of the recipe. `earlier` is the hash of the findings that it is compared with."""
    own = hashlib.sha256("/".join((recipe.sha256, territory, *([earlier] if earlier else []))).encode()).hexdigest()
    return recipe.sha256[:_HALF] + own[:_HALF]


def recipe_of(key: str) -> str:
    """Return the half of a key that names its recipe."""
    return key[:_HALF]


def plan_parts(plan: EvaluationPlan) -> dict[str, str]:
    """Return the hash of each part of the plan that a report may show: no comment, no layout, no list of territories.

    Which territories the plan selects is something that a report reads, or not: it is noted with the rows that it read.
    """
    parts = {
        f"plan.{field.name}": _hash(_plain(getattr(plan, field.name)))
        for field in dataclasses.fields(plan)
        if field.name not in _NO_PART
    }
    place = plan.territories
    return parts | {"plan.territories": _hash([place.level, place.geography])}


def template_hash(template: Template) -> str:
    """Return the hash of a template's code and text: what it displayed when its author last ran it does not count."""
    body = template.body
    cells = [[cell["cell_type"], cell["source"], sorted(cell["metadata"].get("tags", []))] for cell in body["cells"]]
    return _hash([cells, body["metadata"].get("evalkit", {})])


@functools.cache
def source_hash() -> str:
    """Return a hash of evalkit's own source, definitions, tables and translations."""
    root = Path(evalkit.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


@functools.cache
def packages_hash(folder: Path) -> str:
    """Return a hash of Python, of the packages that evalkit stands on as they are installed, and of the lock files there are."""
    locks = (Path(evalkit.__file__).parents[1] / "requirements.lock", folder / "requirements.lock")
    held = [hashlib.sha256(lock.read_bytes()).hexdigest() for lock in dict.fromkeys(locks) if lock.is_file()]
    return _hash([platform.python_version(), platform.machine(), sorted(_installed("evalkit").items()), held])


def _installed(name: str) -> dict[str, str]:
    """Return the versions of a package and of all that it needs, directly or not, by their canonical names."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[str, str] = {}
    todo = [name]
    while todo:
        here = canonicalize_name(todo.pop())
        if here in found:
            continue
        try:
            found[here] = importlib.metadata.version(here)
        except importlib.metadata.PackageNotFoundError:
            found[here] = "none"
            continue
        needs = (Requirement(text) for text in importlib.metadata.requires(here) or ())
        todo += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
