"""Runs: tasks, their states and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

TaskState = Literal[
    "planned", "running", "ok", "reused", "refused", "cancelled", "failed_cell", "failed_timeout", "failed_memory",
    "failed_kernel", "failed_worker", "failed_storage", "failed_render", "failed_identity",
]  # fmt: skip
TASK_STATES: tuple[str, ...] = get_args(TaskState)
DONE: frozenset[str] = frozenset({"ok", "reused"})


def is_failure(state: str) -> bool:
    """Say whether a state is a failure (a refused territory is not)."""
    return state.startswith("failed_")


@dataclass(frozen=True)
class Task:
    """One (template, territory, language) to execute. `key` is a hash of all inputs; equal keys give equal bytes."""

    template: str
    territory: str
    lang: str
    key: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return `lang/template/territory`, unique in a run."""
        return f"{self.lang}/{self.template}/{self.territory}"


@dataclass(frozen=True)
class TaskRecord:
    """One row of the ledger. `reason` is a sentence for readers, without data values; `detail` stays private.

    `lasting` is not kept: it says of a task that just ended that it would end so again, and is not worth another try.
    """

    template: str
    territory: str
    lang: str
    state: TaskState
    key: str = ""
    reason: str = ""
    detail: str = ""
    attempts: int = 0
    seconds: float | None = None
    peak_memory: int | None = None
    reads: tuple[str, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    started: str | None = None
    worker: str = ""
    lasting: bool = False
