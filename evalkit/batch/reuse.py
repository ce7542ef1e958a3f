"""Which tasks have to run, and which were made before from the very same: the same recipe, and the same answers to all that they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from evalkit.batch.keys import SINCE, Recipe, recipe_of
from evalkit.batch.past import Past
from evalkit.batch.reads import parse_reads
from evalkit.model.plan import EvaluationPlan
from evalkit.model.run import DONE, Task, TaskRecord

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse

KEPT: frozenset[str] = DONE | {"refused"}
Cause = Literal[
    "unchanged", "never", "forced", "failed", "gone", "template", "parameters", "plan", "evalkit", "packages", "since", "rows", "unknown",
]  # fmt: skip
_PARTS: tuple[tuple[str, Cause], ...] = (
    ("template", "template"),
    ("parameters", "parameters"),
    ("plan.", "plan"),
    ("theme", "plan"),
    ("evalkit", "evalkit"),
    ("source", "evalkit"),
    ("packages", "packages"),
    (SINCE, "since"),
)


@dataclass(frozen=True)
class Decision:
    """What is done with a task, and why: run it, keep it as it stands in this run, or take it over from an earlier run.

    `details` names what changed: parts of the plan, questions in canonical words, the state in which it ended.
    """

    task: Task
    action: Literal["run", "keep", "reuse"]
    cause: Cause
    details: tuple[str, ...] = ()
    record: TaskRecord | None = None
    origin: Past | None = None


class Judge:
    """Decides task by task; what many tasks read is asked of the warehouse once."""

    def __init__(self, plan: EvaluationPlan, warehouse: Warehouse, recipes: Mapping[tuple[str, str], Recipe]) -> None:
        self._plan = plan
        self._warehouse = warehouse
        self._recipes = recipes
        self._fingerprint = warehouse.fingerprint()
        self._answers: dict[Path, _Answers] = {}

    def decide(
        self, tasks: Iterable[Task], own: Past | None, earlier: Iterable[Past], *, force: bool = False
    ) -> list[Decision]:
        """Return a decision for each task; earlier runs are only read when a task needs them."""
        if force:
            return [Decision(task, "run", "forced") for task in tasks]
        decided = {task.id: self._decide(task, own) for task in tasks}
        older = iter(earlier)
        while any(found.action == "run" for found in decided.values()) and (past := next(older, None)):
            for name, before in decided.items():
                if before.action == "run":
                    found = self._decide(before.task, past, taken=True)
                    decided[name] = found if found.action == "reuse" or before.cause == "never" else before
        return list(decided.values())

    def _decide(self, task: Task, past: Past | None, *, taken: bool = False) -> Decision:
        record = None if past is None else past.records.get(task.id)
        if record is None or past is None:
            return Decision(task, "run", "never")
        cause, details = self._difference(task, record, past)
        if cause != "unchanged":
            return Decision(task, "run", cause, details, record, past)
        return Decision(task, "reuse" if taken else "keep", cause, (), record, past)

    def _difference(self, task: Task, record: TaskRecord, past: Past) -> tuple[Cause, tuple[str, ...]]:
        """Return what keeps a task from being taken over."""
        if record.state not in KEPT:
            return ("failed" if record.state != "planned" else "never"), (record.state,)
        if record.key != task.key:
            return self._other_recipe(task, record, past)
        if record.state in DONE and not past.folder.is_published(record):
            return "gone", ()
        reads = parse_reads(record.reads)
        if not reads.fingerprint:
            return "unknown", ()
        same_data = reads.fingerprint == self._fingerprint
        if reads.only_under is not None:
            return ("unchanged" if same_data and reads.only_under == self._plan.sha256 else "unknown"), ()
        asked = {words: answer for words, answer in reads.answers.items() if not same_data or asks_the_plan(words)}
        if not asked:
            return "unchanged", ()
        if past.folder.root not in self._answers:
            self._answers[past.folder.root] = _Answers(self._plan, self._warehouse, past)
        changed = self._answers[past.folder.root].changed(reads.fingerprint, asked)
        return ("rows", tuple(changed)) if changed else ("unchanged", ())

    def _other_recipe(self, task: Task, record: TaskRecord, past: Past) -> tuple[Cause, tuple[str, ...]]:
        before, now = past.recipe(record.key), self._recipes[task.template, task.lang]
        if before is None or recipe_of(record.key) == recipe_of(task.key):
            return ("since" if before is not None and SINCE in now.parts else "evalkit"), ()
        names = before.differences(now)
        for part, cause in _PARTS:
            found = [name for name in names if name == part or (part.endswith(".") and name.startswith(part))]
            if found:
                return cause, tuple(name.removeprefix("plan.") for name in found) if cause == "plan" else ()
        return "evalkit", ()


class _Answers:
    """Whether the answers that an earlier run got are still those of today's warehouse."""

    def __init__(self, plan: EvaluationPlan, warehouse: Warehouse, past: Past) -> None:
        from evalkit.data.warehouse.rereading import Rereader, snapshot

        self._past = past
        self._rereader = Rereader(warehouse, plan.territories.selection, past.codes)
        self._now = snapshot(warehouse)
        self._same: dict[tuple[str, str], bool] = {}

    def changed(self, fingerprint: str, answers: Mapping[str, str]) -> list[str]:
        """Return the questions whose answer is another one now, sorted."""
        return [
            words
            for words, answer in sorted(answers.items())
            if not self._untouched(fingerprint, words) and self._rereader.digest(words) != answer
        ]

    def _untouched(self, fingerprint: str, words: str) -> bool:
        """Say whether the deliveries that a question depends on are the very same, so that it need not be asked again."""
        from evalkit.data.warehouse.rereading import signature

        before = self._past.snapshot(fingerprint)
        if before is None or asks_the_plan(words):
            return False
        if (fingerprint, words) not in self._same:
            self._same[fingerprint, words] = signature(before, words) == signature(self._now, words)
        return self._same[fingerprint, words]


def asks_the_plan(words: str) -> bool:
    """Say whether a question is the one for the territories of the plan, which the plan of the day answers."""
    return '"ask":"plan_territories"' in words


def verified(decisions: Sequence[Decision], fingerprint: str) -> list[TaskRecord]:
    """Return the kept tasks whose reads were seen to hold for the warehouse of today, noted so."""
    return [
        replace(found.record, reads=(f"@{fingerprint}", *found.record.reads[1:]))
        for found in decisions
        if found.action != "run" and found.record is not None and found.record.reads[:1] != (f"@{fingerprint}",)
    ]
