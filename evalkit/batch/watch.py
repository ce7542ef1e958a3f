"""What the caller of an execution wants to know of it, also when it ends with an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass
class Watch:
    """Given to the engine: the time and the environment; filled by it: the notebook so far, and whether time ran out."""

    timeout: float | None = None
    environment: dict[str, str] = field(default_factory=dict)
    notebook: NotebookNode | None = None
    expired: bool = False
