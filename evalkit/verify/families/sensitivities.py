"""What remains of an effect when trends differ: Rambachan and Roth's Medicaid figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import event_study, sensitivity
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, printed, series
from evalkit.verify.families.differences import MEDICAID, medicaid

if TYPE_CHECKING:
    from evalkit.model.estimate import Estimate
    from evalkit.verify.reading import Reference

SOURCE = "Rambachan & Roth (2023) REStud; R package HonestDiD, README"
SMOOTH = (0, 0.01, 0.02, 0.03, 0.04, 0.05)
RELATIVE = (0.5, 1, 1.5, 2)


def _expansion(reference: Reference) -> Estimate:
    return event_study(
        medicaid(reference), outcome="dins", unit="stfips", time="year", first_treated="first", method="twfe"
    )


def _by_bound(found: Estimate, name: str) -> dict[str, Any]:
    return {f"{name} = {float(term):g}": row for term, row in lines(found.table).items()}


def _smoothness(reference: Reference) -> Answers:
    return _by_bound(sensitivity(_expansion(reference), "smoothness", bounds=SMOOTH), "M")


def _relative(reference: Reference) -> Answers:
    found = sensitivity(_expansion(reference), "relative_magnitude", bounds=RELATIVE)
    return {"": told(found), **_by_bound(found, "Mbar")}


def _average(reference: Reference) -> Answers:
    found = sensitivity(_expansion(reference), "relative_magnitude", bounds=(0, *RELATIVE), weights=[0.5, 0.5])
    return {"": told(found), **_by_bound(found, "Mbar")}


CASES = (
    Case(
        "medicaid_smoothness",
        "sensitivity",
        msg("Medicaid expansion: bounds on the change of slope"),
        SOURCE,
        _smoothness,
        series(
            "|".join(f"M = {bound:g}" for bound in SMOOTH),
            lower="0.025941479 0.013197025 0.002856996 -0.007142576 -0.017142576 -0.027142576",
            upper="0.060725786 0.078670743 0.090716039 0.100715612 0.110715612 0.120715612",
            within=1e-4,
            because=words.README,
        ),
        needs=MEDICAID,
    ),
    Case(
        "medicaid_relative",
        "sensitivity",
        msg("Medicaid expansion: bounds on the relative size of the departures"),
        SOURCE,
        _relative,
        (
            *series(
                "|".join(f"Mbar = {bound:g}" for bound in RELATIVE),
                lower="0.024130122 0.017093721 0.008586908 -0.001067026",
                upper="0.067263302 0.071962976 0.079598828 0.088347280",
                within=5e-4,
                because=words.GRID,
            ),
            *printed(breakdown="2.0", within=0.1, because=words.ABOUT),
        ),
        needs=MEDICAID,
    ),
    Case(
        "medicaid_average",
        "sensitivity",
        msg("Medicaid expansion: bounds for the average of both effects"),
        SOURCE,
        _average,
        (
            *series(
                "|".join(f"Mbar = {bound:g}" for bound in (0, *RELATIVE)),
                lower="0.0405305 0.0321418 0.0193843 0.0058243 -0.0085384",
                upper="0.0751226 0.0798156 0.0901486 0.1035015 0.1172486",
                within=5e-4,
                because=words.GRID,
            ),
            *printed(lower="0.0403699525", upper="0.0752830771", within=1e-5, because=words.OTHER_INPUTS),
        ),
        needs=MEDICAID,
    ),
)
