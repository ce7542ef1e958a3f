"""Goodman-Bacon's decomposition of two-way fixed effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import bacon
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, printed, series

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate
    from evalkit.verify.reading import Reference

MATHS, CASTLE = "bacon/math_reform.csv", "bacon/castle.csv"
KINDS = ("earlier_later", "later_earlier", "treated_untreated")


def _by_kind(found: Estimate) -> dict[str, Any]:
    said = told(found)
    return {
        kind: {"weight": said[f"{kind}_weight"], "value": said[f"{kind}_value"]}
        for kind in KINDS
        if f"{kind}_weight" in said
    }


def _maths(reference: Reference) -> Answers:
    found = bacon(reference.table(MATHS), outcome="incearn_ln", unit="state", time="class", treated="reform_math")
    return _by_kind(found) | lines(found.table)


def _castle(reference: Reference) -> Answers:
    found = bacon(reference.table(CASTLE), outcome="l_homicide", unit="state", time="year", treated="post")
    largest = max(float(row["weight"]) for row in lines(found.table).values() if isinstance(row["weight"], float))
    return _by_kind(found) | {"TWFE": told(found), "2006 - never": {"weight": largest}}


def _stylised(_: Reference) -> Answers:
    import pandas as pd

    rows = [
        (unit, t, int(t >= first), float(t * (unit == "k")))
        for unit, first in (("k", 34), ("l", 85), ("u", 999))
        for t in range(1, 101)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "time", "treated", "outcome"])
    return lines(bacon(frame, outcome="outcome", unit="unit", time="time", treated="treated").table)


CASES = (
    Case(
        "bacon_maths",
        "did",
        msg("Mathematics reform: decomposition of two-way fixed effects"),
        "bacondecomp, README and tests; Goodman (2019)",
        _maths,
        (
            *printed("earlier_later", weight="0.06353", value="0.02868"),
            *printed("later_earlier", weight="0.05265", value="0.03375"),
            *printed("treated_untreated", weight="0.88382", value="-0.00129"),
            *printed("1987 - 1985", value="0.04575585", weight="0.031655309"),
            *printed("1986 - 1985", value="0.11390411", weight="0.001978457"),
            *printed("1985 - 1987", value="0.01021379", weight="0.039569136"),
        ),
        needs=(MATHS,),
    ),
    Case(
        "bacon_castle",
        "did",
        msg("Castle doctrine: decomposition of two-way fixed effects"),
        "bacondecomp, vignette; Cheng & Hoekstra (2013); R source run for the digits beyond the fourth",
        _castle,
        (
            *printed("TWFE", value="0.0818116169306"),
            *printed("earlier_later", weight="0.05976", value="-0.00554"),
            *printed("later_earlier", weight="0.03190", value="0.07032"),
            *printed("treated_untreated", weight="0.90834", value="0.08796"),
            *printed("2006 - never", weight="0.60", within=0.01, because=words.ABOUT),
        ),
        needs=(CASTLE,),
    ),
    Case(
        "bacon_stylised",
        "did",
        msg("Three groups over a hundred periods: weights of the decomposition"),
        "Goodman-Bacon (2021) J. Econometrics 225, stylised example",
        _stylised,
        series("34 - never|85 - never|34 - 85|85 - 34", weight="0.365 0.222 0.278 0.135"),
    ),
)
