"""What a template's calls return: results that show themselves in JupyterLab and can be recorded."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.model.estimate import Check, Estimate
from evalkit.model.finding import FindingKind, Verdict
from evalkit.text import Message, msg

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """An observation, an estimate or a statement about the territory, ready to be recorded.

    `headline` and `sentence` say it in words; `uncertainty` says how sure it is; `limits` what it does not show.
    `others` are the values (or changes) of the comparators, for the chart that goes with it.
    """

    kind: FindingKind
    lang: str
    indicator: str
    breakdown: str
    label: Message
    period: str
    unit: str
    status: str
    sentence: Message
    headline: Message
    uncertainty: Message
    limits: tuple[Message, ...] = ()
    value: float | None = None
    se: float | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None
    n: int | None = None
    method: str = ""
    level: str = ""
    comparator: str | None = None
    comparator_label: str = ""
    comparator_value: float | None = None
    others: tuple[float, ...] = ()
    verdict: Verdict | None = None
    criterion: str | None = None
    grade: int | None = None
    grade_reason: Message | None = None
    checks: tuple[Check, ...] = ()
    reading: str = "none"
    source: str = ""
    vintage: str = ""
    note: str = ""
    estimate: Estimate | None = None

    @property
    def table(self) -> pd.DataFrame:
        """Return the result as a table: the estimate's own where there is one, else one row."""
        if self.estimate is not None and self.estimate.table is not None:
            return self.estimate.table
        import pandas as pd

        names = (
            "indicator",
            "breakdown",
            "period",
            "value",
            "lower",
            "upper",
            "unit",
            "n",
            "status",
            "comparator",
            "comparator_value",
            "verdict",
        )
        return pd.DataFrame([{name: getattr(self, name) for name in names}])

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Show the sentence and its doubts in JupyterLab."""
        parts = [
            self.sentence.render(self.lang),
            self.uncertainty.render(self.lang),
            *(limit.render(self.lang) for limit in self.limits),
        ]
        lines = [part for part in parts if part]
        shown = "".join(f"<p>{html.escape(line)}</p>" for line in lines[1:])
        return {"text/plain": "\n".join(lines), "text/html": f"<p><b>{html.escape(lines[0])}</b></p>{shown}"}


NOTHING = msg("")
