"""What a design can prove at best, and what its failed checks take away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalkit.model.estimate import Check
from evalkit.stats._inputs import choice
from evalkit.stats._sentences import Joined
from evalkit.stats.checks import names
from evalkit.text import Message, Quantity, msg

CEILINGS = {
    "before_after": 1,
    "gap": 2,
    "interrupted_time_series": 2,
    "matched": 3,
    "did": 3,
    "synthetic_control": 4,
    "synthetic_did": 4,
    "regression_discontinuity": 4,
    "randomised": 5,
}
"""Highest grade of each design on the Maryland scale (Sherman et al. 1998; Farrington et al. 2002): 1 before and after, 2 a comparison,
3 a comparison with both periods, 4 a quasi-experiment that handles what is not seen, 5 drawn at random."""

LABELS: dict[str, Message] = {
    "before_after": msg("before and after"),
    "gap": msg("gap to comparators"),
    "interrupted_time_series": msg("interrupted series"),
    "matched": msg("matched comparison"),
    "did": msg("difference in differences"),
    "synthetic_control": msg("synthetic control"),
    "synthetic_did": msg("synthetic difference in differences"),
    "regression_discontinuity": msg("discontinuity at a threshold"),
    "randomised": msg("random draw"),
}

_NEEDS: dict[str, tuple[str, ...]] = {
    "before_after": (names.COMPOSITION,),
    "gap": (names.COMPOSITION,),
    "interrupted_time_series": (names.AUTOCORRELATION, names.PLACEBO_DATE, names.COMPOSITION),
    "matched": (names.BALANCE, names.OVERLAP, names.COMPOSITION),
    "did": (names.PRE_TRENDS, names.PLACEBO_DATE, names.INFLUENCE, names.SPILLOVER, names.COMPOSITION),
    "synthetic_control": (names.FIT, names.DONOR, names.PLACEBO_DATE, names.SPILLOVER, names.COMPOSITION),
    "synthetic_did": (names.DONOR, names.PLACEBO_DATE, names.SPILLOVER, names.COMPOSITION),
    "regression_discontinuity": (names.DENSITY, names.BALANCE, names.PLACEBO_THRESHOLD, names.COMPOSITION),
    "randomised": (names.BALANCE, names.SPILLOVER),
}


def checks_for(design: str) -> tuple[str, ...]:
    """Return the names of the checks that a design needs before its result may be read as an effect.

    Args:
        design: `before_after`, `gap`, `interrupted_time_series`, `matched`, `did`, `synthetic_control`, `synthetic_did`,
            `regression_discontinuity` or `randomised`.

    Returns:
        Names as they stand in `Check.name`, in the order in which they are best read.

    Raises:
        StatsError: a design that is not known.

    When not to use it: as a list of all there is to check; it is the least that a reader may ask for.
    Assumption: none, it is a convention of this toolkit.
    Formula: none.
    Source: Roth (2022), Abadie (2021) JEL 59, Cattaneo, Idrobo & Titiunik (2020), Stuart (2010).

    Example:
        >>> checks_for("matched")
        ('balance', 'overlap', 'same people')
    """
    return _NEEDS[choice(design, "design", _NEEDS)]


def grade(design: str, checks: Iterable[Check] | Sequence[Check]) -> tuple[int, Message]:
    """Give the evidence grade of a result, 1 to 5: what its design can prove at best, less one for each needed check that fails.

    Args:
        design: as in `checks_for`.
        checks: the checks that were made; those the design does not need are not counted. A check of a name that comes twice fails
            when one of the two does.

    Returns:
        The grade and, in words, why: which needed checks failed, which could not be told, which were not made.

    Raises:
        StatsError: a design that is not known.

    When not to use it: to compare the importance of effects; the grade is about proof, not size.
    Assumption: a check that cannot be told proves as little as one that fails.
    Formula: `max(1, ceiling − failed − impossible − not made)`.
    Source: Maryland scale: Sherman et al. (1998); Farrington, Gottfredson, Sherman & Welsh (2002).

    Example:
        >>> from evalkit.text import msg
        >>> from evalkit.model.estimate import Check
        >>> value, reason = grade("before_after", [Check("same people", True, msg("the same people"))])
        >>> value
        1
    """
    wanted = checks_for(design)
    made: dict[str, list[bool | None]] = {}
    for check in checks:
        made.setdefault(check.name, []).append(check.passed)
    failed = [name for name in wanted if False in made.get(name, [])]
    unknown = [name for name in wanted if name not in failed and None in made.get(name, [])]
    absent = [name for name in wanted if name not in made]
    ceiling = CEILINGS[design]
    value = max(1, ceiling - len(failed) - len(unknown) - len(absent))
    parts = [
        (msg("failed: {names}", names=[names.label(n) for n in failed]), failed),
        (msg("cannot be told: {names}", names=[names.label(n) for n in unknown]), unknown),
        (msg("not made: {names}", names=[names.label(n) for n in absent]), absent),
    ]
    lost = [text for text, found in parts if found]
    start = {"design": LABELS[design], "ceiling": Quantity(ceiling)}
    if not lost:
        return value, msg("{design} proves at most {ceiling} out of 5; every check it needs passed", **start)
    return value, msg(
        "{design} proves at most {ceiling} out of 5; grade {value} because of its checks ({lost})",
        value=Quantity(value), lost=Joined(tuple(lost)), **start,
    )  # fmt: skip
