"""The evidence ladder: which designs the data allow for an indicator and a territory, and why not the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from evalkit.stats._ladder_facts import Facts, Request, read_facts
from evalkit.stats._ladder_rungs import RUNGS
from evalkit.stats._sentences import Joined, Sentences
from evalkit.stats.checks.grading import CEILINGS, LABELS, checks_for
from evalkit.text import Message, Quantity, msg


@dataclass(frozen=True)
class Rung:
    """One design: whether the data allow it, what they lack (or what it rests on), its ceiling and the checks it needs."""

    design: str
    admissible: bool
    reasons: tuple[Message, ...]

    @property
    def ceiling(self) -> int:
        """Highest grade this design can reach, 1 to 5."""
        return CEILINGS[self.design]

    @property
    def checks(self) -> tuple[str, ...]:
        """Names of the checks it needs."""
        return checks_for(self.design)

    @property
    def label(self) -> Message:
        """How readers hear the name of the design."""
        return LABELS[self.design]

    @property
    def sentence(self) -> Message:
        """The design with its reasons, in words."""
        values = {"design": self.label, "reasons": Joined(self.reasons)}
        if self.admissible:
            return msg("{design} is possible: {reasons}", **values)
        return msg("{design} is not possible: {reasons}", **values)


@dataclass(frozen=True)
class Ladder:
    """The rungs from the weakest design to the strongest, and the statement that sums them up."""

    outcome: str
    territory: str | None
    rungs: tuple[Rung, ...]
    statement: Message
    details: Mapping[str, float | int | str | None] = field(default_factory=dict)

    @property
    def strongest(self) -> Rung | None:
        """The highest rung that the data allow, None where they allow none."""
        return next((rung for rung in reversed(self.rungs) if rung.admissible), None)

    def rung(self, design: str) -> Rung:
        """Return the rung of a design."""
        return next(rung for rung in self.rungs if rung.design == design)

    def table(self, lang: str) -> pd.DataFrame:
        """Return one row per rung, with its reasons in the reader's language."""
        return pd.DataFrame(
            {
                "design": [rung.design for rung in self.rungs],
                "label": [rung.label.render(lang) for rung in self.rungs],
                "admissible": [rung.admissible for rung in self.rungs],
                "ceiling": [rung.ceiling for rung in self.rungs],
                "reasons": [Joined(rung.reasons).render(lang) for rung in self.rungs],
            }
        )


def evidence_ladder(
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    treated: str | None = None,
    first_treated: str | None = None,
    territory: str | None = None,
    never: float | str | None = None,
    cluster: str | None = None,
    running: str | None = None,
    cutoff: float | None = None,
    status: str | None = None,
    covariates: Sequence[str] | None = None,
    label: Message | str | None = None,
) -> Ladder:
    """Say which designs the data allow for one indicator, for one territory or the whole programme, and why not the others.

    Args:
        frame: one row per territory and period, treated and untreated; it may have gaps.
        outcome: column of the indicator; a missing value is a gap.
        unit: column of the territory.
        time: column of the period.
        treated: column of 0 and 1 by period; or give `first_treated`.
        first_treated: column of the first treated period, missing when never treated.
        territory: the territory the report is about; without it, the ladder is that of the programme.
        never: another code for never treated.
        cluster: column of clusters (commune, project), by default the territory.
        running: column of the variable a threshold of which decides who gets the programme.
        cutoff: that threshold.
        status: column of the status of each value; `secret` is counted as secret, and as unknown.
        covariates: columns known before, to match on.
        label: the name of the indicator in the statement, by default `outcome`.

    Returns:
        The rungs in order (before and after, gap to comparators, matched comparison, difference in differences, synthetic control or
        synthetic difference in differences, discontinuity), each admissible or not with its reasons, and a `statement`. The thresholds
        and where they come from stand in `evalkit.stats._thresholds`. `details` has the counts behind the reasons.

    Raises:
        StatsError: a column missing, a territory twice in a period, no treated territory, neither or both of `treated` and
            `first_treated`, one of `running` and `cutoff` without the other.

    When not to use it: as a promise. An admissible design still has to pass its checks (`checks_for`, `grade`).
    Assumption: none, it counts.
    Formula: counts against the thresholds.
    Source: Maryland scale (Sherman et al. 1998); each threshold has its own.

    Example:
        >>> import pandas as pd
        >>> rows = [(f"q{u}", t, 2003 if u < 3 else None, u + t) for u in range(30) for t in range(2000, 2006)]
        >>> frame = pd.DataFrame(rows, columns=["place", "year", "start", "rate"])
        >>> ladder = evidence_ladder(frame, outcome="rate", unit="place", time="year", first_treated="start", territory="q0")
        >>> [rung.design for rung in ladder.rungs if rung.admissible]
        ['before_after', 'gap']
    """
    request = Request(
        outcome, unit, time, treated, first_treated, None if territory is None else str(territory), never, cluster,
        running, cutoff, status, tuple(covariates or ()),
    )  # fmt: skip
    facts = read_facts(frame, request)
    rungs = tuple(_rung(design, facts) for design, _ in RUNGS)
    name = label if isinstance(label, Message) else msg("{name}", name=label or outcome)
    return Ladder(outcome, request.territory, rungs, _statement(rungs, name, request.territory), facts.as_details())


def _rung(design: str, facts: Facts) -> Rung:
    lacks, rests = dict(RUNGS)[design](facts)
    return Rung(design, not lacks, tuple(lacks or rests))


def _statement(rungs: tuple[Rung, ...], name: Message, territory: str | None) -> Message:
    place = msg("the programme") if territory is None else msg("{name}", name=territory)
    best = next((i for i in reversed(range(len(rungs))) if rungs[i].admissible), None)
    if best is None:
        return msg(
            "{indicator}, {place}: the data allow no design at all; {why}",
            indicator=name, place=place, why=Joined(rungs[0].reasons),
        )  # fmt: skip
    values = {
        "indicator": name, "place": place, "design": rungs[best].label, "ceiling": Quantity(rungs[best].ceiling),
        "reasons": Joined(rungs[best].reasons),
    }  # fmt: skip
    above = tuple(rung.sentence for rung in reversed(rungs[best + 1 :]))
    first = msg(
        "{indicator}, {place}: the data allow up to {design} ({reasons}), which proves at most {ceiling} out of 5",
        **values,
    )
    return msg("{first}. {others}", first=first, others=Sentences(above)) if above else first
