"""Neighbours and segregation: Columbus, schools of three states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalkit.stats import moran, segregation
from evalkit.text import msg
from evalkit.verify import words
from evalkit.verify.answers import lines, told
from evalkit.verify.case import Answers, Case, Gap, printed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evalkit.verify.reading import Reference

COLUMBUS, NEIGHBOURS, SCHOOLS = "columbus/columbus.csv", "columbus/columbus.gal", "segregation/schools00.csv"
AREAS = 49


def _neighbours(reference: Reference) -> NDArray[np.float64]:
    import numpy as np

    lines_of_file = reference.path(NEIGHBOURS).read_text(encoding="ascii").split("\n")[1:]
    weights = np.zeros((AREAS, AREAS))
    for head, others in zip(lines_of_file[::2], lines_of_file[1::2], strict=False):
        if head.strip():
            weights[int(head.split()[0]) - 1, [int(other) - 1 for other in others.split()]] = 1
    return weights


def _columbus(reference: Reference) -> Answers:
    import numpy as np

    rows, weights = reference.table(COLUMBUS), _neighbours(reference)
    plain, normal = moran(rows["CRIME"], weights), moran(rows["CRIME"], weights, inference="normal")
    assert plain.p_value is not None
    design = np.column_stack([np.ones(AREAS), rows["HOVAL"], rows["INC"]])
    rest = rows["CRIME"] - design @ np.linalg.lstsq(design, rows["CRIME"], rcond=None)[0]
    return {
        "Moran": told(plain) | {"one_sided": plain.p_value / 2},
        "Moran, normal": told(normal),
        "Moran, binary": told(moran(rows["CRIME"], weights, standardise=False)),
        "CRIME ~ HOVAL + INC": told(moran(rest, weights)),
    }


def _schools(reference: Reference) -> Answers:
    rows = reference.table(SCHOOLS)
    names = {"unit": "school", "group": "race", "count": "n"}
    pair = rows[rows["race"].isin(["black", "white"])]
    found: dict[str, Any] = {
        "D, black/white": told(segregation(pair, **names)),
        "isolation, black/white": told(segregation(pair, "isolation", **names, focus="black")),
    }
    for letter, index in (("M", "mutual_information"), ("H", "theil")):
        answer = segregation(rows, index, **names, within="state")
        found |= {letter: told(answer), **{f"{letter} {term}": row for term, row in lines(answer.table).items()}}
    return found


def _four_places(_: Reference) -> Answers:
    import pandas as pd

    def index(first: tuple[int, ...], second: tuple[int, ...]) -> Any:
        frame = pd.DataFrame(
            {
                "place": list(range(len(first))) * 2,
                "group": ["a"] * len(first) + ["b"] * len(first),
                "n": [*first, *second],
            }
        )
        return told(segregation(frame, unit="place", group="group", count="n"))

    return {"D, 100 60 40 0": index((100, 60, 40, 0), (0, 40, 60, 100)), "D, 100 0": index((100, 0), (0, 100))}


CASES = (
    Case(
        "columbus",
        "spatial",
        msg("Crime in Columbus (Moran's I, Geary's C)"),
        "R spdep, moran.test; Anselin (1988)",
        _columbus,
        (
            *printed("Moran", value="0.485770914", expected="-0.0208333", variance="0.008991121", z="5.3427"),
            *printed("Moran", one_sided="0.0000000458"),
            *printed("Moran, normal", variance="0.008860962", z="5.3818"),
            *printed("Moran, binary", value="0.482272307"),
            *printed("Moran", geary="0.547803377"),
            *printed("CRIME ~ HOVAL + INC", value="0.212374153"),
        ),
        (
            Gap("Geary", "z", "4.5669", words.NOT_REPORTED),
            Gap("G", "value", "0.1227242454 (z 4.2865)", words.NOT_OFFERED),
        ),
        needs=(COLUMBUS, NEIGHBOURS),
    ),
    Case(
        "schools",
        "inequality",
        msg("Segregation of schools in three states"),
        "R segregation (Elbers 2021), README and vignette; PyPI segregation 2.5.4",
        _schools,
        (
            *printed("M", value="0.42553897588"),
            *printed("H", value="0.41880831464"),
            *printed("M between", value="0.09924370"),
            *printed("H between", value="0.09767398"),
            *printed("M within", value="0.326"),
            *printed("H within", value="0.321"),
            *printed("D, black/white", value="0.728387885"),
            *printed("isolation, black/white", value="0.684144353"),
        ),
        (Gap("asian, black, hispanic, white, native", "local", "0.591 0.876 0.771 0.183 1.352", words.BIAS_CORRECTED),),
        needs=(SCHOOLS,),
    ),
    Case(
        "four_places",
        "inequality",
        msg("Dissimilarity of four places"),
        "R segregation (Elbers 2021), tests",
        _four_places,
        (
            *printed("D, 100 60 40 0", value="0.6", within=1e-5, because=words.README),
            *printed("D, 100 0", value="1.0", within=1e-5, because=words.README),
        ),
    ),
)
