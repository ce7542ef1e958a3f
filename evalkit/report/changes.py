"""What changed in a report since an earlier run, in words and numbers that readers may see today."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.report.labels import VerdictLabel
from evalkit.text import Message, Quantity


@dataclass(frozen=True)
class Change:
    """One finding that changed.

    `finding` is its place among the findings of the notebook, None when the report no longer has it. `before` and `after` are numbers;
    `note` is what is said beside them, or in their place. `reason` is the class of the change in words.
    """

    label: Message | str
    where: tuple[Message | str, ...]
    reason: Message
    finding: int | None = None
    before: Quantity | None = None
    after: Quantity | None = None
    note: Message | None = None
    verdict_before: VerdictLabel | None = None
    verdict_after: VerdictLabel | None = None


@dataclass(frozen=True)
class Changes:
    """How the findings of a report compare with those of an earlier run: a sentence, then the changes that matter most.

    `more` is how many changes are not shown.
    """

    run: str
    day: datetime.date
    sentence: Message
    shown: tuple[Change, ...] = ()
    more: int = 0


def linked_changes(changes: Changes | None, links: Sequence[str]) -> tuple[tuple[Change, str], ...]:
    """Return the changes that are shown, each with the link to what the report says of its finding: empty when it says no more."""
    shown = () if changes is None else changes.shown
    return tuple((change, "" if change.finding is None else links[change.finding]) for change in shown)
