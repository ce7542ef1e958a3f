"""The rungs of the evidence ladder: for each design what the data lack, or what it rests on."""

from __future__ import annotations

from collections.abc import Callable

from evalkit.stats import _thresholds as least
from evalkit.stats._inputs import shown
from evalkit.stats._ladder_facts import Facts
from evalkit.text import Message, Quantity, msg, nmsg

Reasons = tuple[list[Message], list[Message]]


def before_after(facts: Facts) -> Reasons:
    """Return what a comparison of before and after lacks, and what it rests on."""
    lacks = _both_periods(facts)
    return lacks, [_periods(facts)]


def gap(facts: Facts) -> Reasons:
    """Return what a gap to comparators lacks, and what it rests on."""
    lacks = [*_both_periods(facts), *_secrecy(facts)]
    needed = least.COMPARATORS if facts.alone else least.GROUP
    if facts.pool < needed:
        lacks.append(
            nmsg(
                "{n} comparator known before and after, {needed} are needed",
                "{n} comparators known before and after, {needed} are needed",
                facts.pool, needed=Quantity(needed),
            )
        )  # fmt: skip
    return lacks, [nmsg("{n} comparator", "{n} comparators", facts.pool)]


def matched(facts: Facts) -> Reasons:
    """Return what a matched comparison lacks, and what it rests on."""
    lacks = [*_both_periods(facts), *_secrecy(facts)]
    if facts.treated < least.GROUP:
        lacks.append(msg("one treated territory: a matched comparison would have no error"))
    needed = round(least.MATCHING_POOL * facts.treated)
    if facts.pool < needed:
        lacks.append(
            nmsg(
                "{n} untreated territory to match from, {needed} are needed",
                "{n} untreated territories to match from, {needed} are needed",
                facts.pool, needed=Quantity(needed),
            )
        )  # fmt: skip
    if facts.covariates == 0 and facts.before == 0:
        lacks.append(msg("nothing is known from before to match on"))
    return lacks, [
        msg("{treated} treated territories, {pool} to match from", treated=Quantity(facts.treated), pool=Quantity(facts.pool))
    ]  # fmt: skip


def difference(facts: Facts) -> Reasons:
    """Return what a difference in differences lacks, and what it rests on."""
    lacks = [*_both_periods(facts), *_secrecy(facts)]
    staggered = facts.dates > 1
    if facts.untreated == 0 and not staggered:
        lacks.append(msg("all territories are treated at once: nobody is left to compare with"))
    if facts.treated_clusters < least.TREATED_CLUSTERS:
        lacks.append(
            nmsg(
                "{n} treated cluster, {needed} are needed", "{n} treated clusters, {needed} are needed",
                facts.treated_clusters, needed=Quantity(least.TREATED_CLUSTERS),
            )
        )  # fmt: skip
    if facts.clusters < least.CLUSTERS:
        lacks.append(
            nmsg(
                "{n} cluster, {needed} are needed", "{n} clusters, {needed} are needed",
                facts.clusters, needed=Quantity(least.CLUSTERS),
            )
        )  # fmt: skip
    if 0 < facts.before < least.PERIODS_BEFORE_DID:
        lacks.append(msg("one period before: parallel trends cannot be looked at"))
    rests = [
        msg(
            "{clusters} clusters, {treated} of them treated", clusters=Quantity(facts.clusters),
            treated=Quantity(facts.treated_clusters),
        ),
        _periods(facts),
    ]  # fmt: skip
    if facts.untreated == 0:
        rests.append(msg("no territory stays untreated: compare with those not yet treated"))
    if facts.ends:
        rests.append(_ends(facts))
    return lacks, rests


def synthetic(facts: Facts) -> Reasons:
    """Return what a synthetic control (or synthetic difference in differences) lacks, and what it rests on."""
    lacks = [*_both_periods(facts), *_secrecy(facts)]
    if facts.donors < least.DONORS:
        lacks.append(
            nmsg(
                "{n} donor without gaps, {needed} are needed", "{n} donors without gaps, {needed} are needed",
                facts.donors, needed=Quantity(least.DONORS),
            )
        )  # fmt: skip
    if 0 < facts.before < least.PERIODS_BEFORE_SYNTHETIC:
        lacks.append(
            nmsg(
                "{n} period before, {needed} are needed", "{n} periods before, {needed} are needed",
                facts.before, needed=Quantity(least.PERIODS_BEFORE_SYNTHETIC),
            )
        )  # fmt: skip
    if facts.dates > 1:
        lacks.append(msg("territories start at different dates: take them one at a time"))
    if facts.ends:
        lacks.append(_ends(facts))
    return lacks, [nmsg("{n} donor without gaps", "{n} donors without gaps", facts.donors), _periods(facts)]


def discontinuity(facts: Facts) -> Reasons:
    """Return what a discontinuity at a threshold lacks, and what it rests on."""
    if facts.sides is None or facts.different is None:
        return [msg("no threshold is known that decides who gets the programme")], []
    lacks = []
    sides = {"below": Quantity(facts.sides[0]), "above": Quantity(facts.sides[1])}
    if min(facts.sides) < least.EACH_SIDE:
        lacks.append(
            msg(
                "{below} territories below the threshold and {above} above, {needed} are needed on each side",
                needed=Quantity(least.EACH_SIDE), **sides,
            )
        )  # fmt: skip
    if min(facts.different) < least.DIFFERENT_VALUES:
        lacks.append(
            msg(
                "the running variable has {n} different values on a side, {needed} are needed",
                n=Quantity(min(facts.different)), needed=Quantity(least.DIFFERENT_VALUES),
            )
        )  # fmt: skip
    if facts.jump is None or facts.jump < least.JUMP:
        jump = shown(100 * (facts.jump or 0.0), "point", 0)
        lacks.append(msg("the share treated moves by {jump} at the threshold: it does not decide", jump=jump))
    return lacks, [msg("{below} territories below the threshold and {above} above", **sides)]


RUNGS: tuple[tuple[str, Callable[[Facts], Reasons]], ...] = (
    ("before_after", before_after),
    ("gap", gap),
    ("matched", matched),
    ("did", difference),
    ("synthetic_control", synthetic),
    ("regression_discontinuity", discontinuity),
)


def _periods(facts: Facts) -> Message:
    return msg("periods before: {before}, after: {after}", before=Quantity(facts.before), after=Quantity(facts.after))


def _ends(facts: Facts) -> Message:
    return nmsg(
        "the treatment of {n} territory ends within the period", "the treatment of {n} territories ends within the period",
        facts.ends,
    )  # fmt: skip


def _both_periods(facts: Facts) -> list[Message]:
    lacks = []
    for n, text in (
        (facts.before, msg("no value before the programme")),
        (facts.after, msg("no value after it started")),
    ):
        if n == 0:
            lacks.append(text)
    if lacks and facts.own_secret:
        lacks.append(nmsg("{n} value of its own is secret", "{n} values of its own are secret", facts.own_secret))
    return lacks


def _secrecy(facts: Facts) -> list[Message]:
    if facts.secret_share <= least.MOST_SECRET:
        return []
    return [
        msg(
            "{share} of the values are secret, more than {most}: what is left is no fair picture",
            share=shown(100 * facts.secret_share, "percent", 0), most=shown(100 * least.MOST_SECRET, "percent", 0),
        )
    ]  # fmt: skip
