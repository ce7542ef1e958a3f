"""The few names a template uses: open the evaluation of a territory, ask, record, draw, conclude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalkit.notebook.evaluation import Evaluation
    from evalkit.notebook.opening import open_evaluation

__all__ = ["Evaluation", "open_evaluation"]


def __getattr__(name: str) -> Any:
    """Load the facade when it is first used: listing templates needs none of it."""
    if name == "open_evaluation":
        from evalkit.notebook.opening import open_evaluation

        return open_evaluation
    if name == "Evaluation":
        from evalkit.notebook.evaluation import Evaluation

        return Evaluation
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
