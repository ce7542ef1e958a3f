"""The names of the checks, as they stand in `Check.name`, and how readers hear them."""

from __future__ import annotations

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate
from evalkit.stats import codes
from evalkit.text import Message, msg

BALANCE = "balance"
COMPOSITION = "same people"
DENSITY = "density at the threshold"
DONOR = "leave one donor out"
INFLUENCE = "influence"
OVERLAP = "overlap"
PLACEBO_DATE = "placebo date"
PLACEBO_THRESHOLD = "placebo threshold"
PRE_TRENDS = "parallel trends before"
SPILLOVER = "no spillover"
FIT = "fit before"
AUTOCORRELATION = "autocorrelation"

NAMED = 5

LABELS: dict[str, Message] = {
    AUTOCORRELATION: msg("residuals that do not depend on each other"),
    BALANCE: msg("balance of the two groups"),
    COMPOSITION: msg("the place and its people"),
    DENSITY: msg("density at the threshold"),
    DONOR: msg("leave one donor out"),
    FIT: msg("fit before the programme"),
    INFLUENCE: msg("influence of one territory"),
    OVERLAP: msg("overlap of the two groups"),
    PLACEBO_DATE: msg("an invented date"),
    PLACEBO_THRESHOLD: msg("an invented threshold"),
    PRE_TRENDS: msg("parallel trends before"),
    SPILLOVER: msg("effects on the places around"),
}


def label(name: str) -> Message:
    """Return how readers hear the name of a check."""
    return LABELS.get(name, msg("{name}", name=name))


def named(estimate: Estimate, name: str) -> Check:
    """Return the check of an estimate that has this name.

    Raises:
        StatsError: the estimate carries no such check.
    """
    for check in estimate.checks:
        if check.name == name:
            return check
    raise StatsError.of(codes.NO_CHECK, name=label(name))


def some(names: list[str]) -> str:
    """Return the first names of a list, with an ellipsis where there are more."""
    return ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
