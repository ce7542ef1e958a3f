"""The rows of the fictitious territories, with their parents and tags; and which districts are reported."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.data.delivery import TERRITORY_COLUMNS, frame
from evalkit.data.demo import names
from evalkit.data.demo import settings as s
from evalkit.data.demo.districts import Demo
from evalkit.data.demo.places import Places
from evalkit.data.demo.settings import Integers
from evalkit.data.demo.shapes import draw_contours


def choose_reported(demo: Demo) -> Integers:
    """Return the districts to report: treated ones, in turn from the most to the least intense quarter.

    In each quarter they are spread over sizes, the smallest first: the smallest of the top quarter has secret values.
    """
    quarters = [_spread(demo, quartile) for quartile in (4, 3, 2, 1)]
    turns = [quarter[turn] for turn in range(max(map(len, quarters))) for quarter in quarters if turn < len(quarter)]
    return np.sort(np.array(turns[: demo.parameters.reported], dtype=np.int64))


def _spread(demo: Demo, quartile: int) -> list[int]:
    members = np.flatnonzero(demo.country.quartile == quartile)
    by_size = members[np.argsort(demo.country.households[members, 0], kind="stable")]
    usual = by_size[~demo.country.small[by_size]]
    points = (_van_der_corput(turn) for turn in range(1, 4 * len(usual) + 1))
    ordered = [int(usual[rank]) for rank in dict.fromkeys(int(point * len(usual)) for point in points)]
    small = [int(item) for item in by_size if demo.country.small[item]]
    first = small[:1] if quartile == 4 else []
    return [*first, *ordered, *(item for item in small if item not in first)]


def _van_der_corput(n: int) -> float:
    """Return the n-th point of the sequence 1/2, 1/4, 3/4, 1/8...: any first part of it is spread over the interval."""
    point, step = 0.0, 0.5
    while n:
        n, bit = divmod(n, 2)
        point, step = point + bit * step, step / 2
    return point


def territory_rows(demo: Demo, places: Places, reported: Integers, sha256: str) -> pd.DataFrame:
    """Return the districts, communes, EPCI and departments, all marked synthetic, in the order of level and code."""
    contours = draw_contours(demo.parameters, places, demo.country.households[:, 0])
    parts = [
        _level(places, level, names_of, parents_of, tags_of, contours[level])
        for level, names_of, parents_of, tags_of in (
            ("commune", _commune_names(places), _commune_parents(places), ["[]"] * len(places.communes)),
            ("department", [names.department_name(d) for d in range(len(places.departments))], None, None),
            ("epci", _epci_names(places), _epci_parents(places), None),
            ("qpv", _district_names(places), _district_parents(places), _tags(demo, reported)),
        )
    ]
    return frame(TERRITORY_COLUMNS, pd.concat(parts, ignore_index=True).assign(file_sha256=sha256))


def _level(
    places: Places,
    level: str,
    labels: Sequence[str],
    parents: Sequence[str] | None,
    tags: Sequence[str] | None,
    contour: tuple[s.Floats, list[bytes]],
) -> pd.DataFrame:
    codes = places.codes(level)
    centres, shapes = contour
    return pd.DataFrame(
        {
            "code": codes,
            "level": level,
            "geography": s.GEOGRAPHY,
            "name": labels,
            "parents": parents or ["[]"] * len(codes),
            "tags": tags or ["[]"] * len(codes),
            "longitude": centres[:, 0],
            "latitude": centres[:, 1],
            "geometry": pd.Series(shapes, dtype="object"),
            "synthetic": True,
            "source": s.DATASET,
            "vintage": s.VINTAGE,
        }
    )


def _commune_names(places: Places) -> list[str]:
    return [names.commune_name(c) for c in range(len(places.communes))]


def _epci_names(places: Places) -> list[str]:
    return [names.epci_name(int(c)) for c in np.searchsorted(places.epci, np.arange(len(places.epcis)))]


def _district_names(places: Places) -> list[str]:
    return [names.district_name(serial, names.place_name(int(c))) for serial, c in enumerate(places.commune)]


def _parents(*items: tuple[str, str]) -> str:
    """Return parents as JSON, sorted by level; a fictitious place lies wholly in each of its parents."""
    rows = [{"level": level, "code": code, "geography": s.GEOGRAPHY, "share": 1.0} for level, code in sorted(items)]
    return json.dumps(rows, ensure_ascii=False)


def _above(places: Places, commune: int) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("epci", places.epcis[places.epci[commune]]), ("department", places.departments[places.department[commune]])


def _commune_parents(places: Places) -> list[str]:
    return [_parents(*_above(places, c)) for c in range(len(places.communes))]


def _epci_parents(places: Places) -> list[str]:
    first = np.searchsorted(places.epci, np.arange(len(places.epcis)))
    return [_parents(("department", places.departments[places.department[c]])) for c in first]


def _district_parents(places: Places) -> list[str]:
    above = [_parents(("commune", code), *_above(places, c)) for c, code in enumerate(places.communes)]
    return [above[c] for c in places.commune]


def _tags(demo: Demo, reported: Integers) -> list[str]:
    chosen = set(reported.tolist())
    return [
        json.dumps(sorted([*_group(int(quartile)), *(["reported"] if index in chosen else [])]))
        for index, quartile in enumerate(demo.country.quartile)
    ]


def _group(quartile: int) -> tuple[str, ...]:
    return ("pnru_treated", f"quartile_{quartile}") if quartile else ("pnru_comparable",)
