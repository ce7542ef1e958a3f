"""A recommendation that follows from an evaluation: what is asked, of whom, and what was answered."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from evalkit.model.texts import LocalText

Response = Literal["accepted", "partly", "rejected"]
ActionStatus = Literal["planned", "under_way", "done", "dropped"]


@dataclass(frozen=True)
class Recommendation:
    """What is asked of someone (`to`) because of what was found on `criteria`, and the answer.

    `response` None: not yet answered. `reason` is theirs for an answer that is not a plain yes; `action`, `owner`, `due` and `status` are what
    they will do, who does it, until when and how far it is. Without `territories` it concerns every territory of the plan.
    """

    id: str
    text: LocalText
    criteria: tuple[str, ...]
    to: LocalText
    response: Response | None = None
    reason: LocalText = LocalText()
    action: LocalText = LocalText()
    owner: LocalText = LocalText()
    due: datetime.date | None = None
    status: ActionStatus | None = None
    territories: tuple[str, ...] = ()

    def concerns(self, territory: str) -> bool:
        """Say whether the recommendation is for a territory of the plan."""
        return not self.territories or territory in self.territories
