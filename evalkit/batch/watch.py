"""What the caller of an execution wants to know of it, also when it ends with an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

OUTPUT_BYTES = 64_000_000
"""What a notebook may display in all: a loop that prints must not fill the memory of the worker."""


@dataclass
class Watch:
    """Given to the engine: the limits and the environment; filled by it: the notebook so far, which limit was passed,
    whether a cell told its kernel to leave (`exit()`), and the end of what the kernel's process said outside of the notebook.
    """

    timeout: float | None = None
    memory_limit: int | None = None
    output_bytes: int = OUTPUT_BYTES
    environment: dict[str, str] = field(default_factory=dict)
    notebook: NotebookNode | None = None
    expired: bool = False
    starved: bool = False
    overflowed: bool = False
    left: bool = False
    peak_memory: int = 0
    said: str = ""
