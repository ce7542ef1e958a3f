"""The convention of each treated district: operations by family, in dwellings or sites, with delays and costs by funder.

One operation has one row per funder, under one id. Quantities and ends stand on the row of the first funder (`anru`), the
others count for zero, so that sums over rows are right; the number of operations is the number of different ids.
Demolished and rebuilt dwellings are those that make the effects: the convention and the outcomes tell the same story.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.data.delivery import OPERATION_COLUMNS, REFERENCE_COLUMNS, frame
from evalkit.data.demo import settings as s
from evalkit.data.demo.districts import Demo
from evalkit.data.demo.places import Places
from evalkit.data.demo.settings import Floats, Integers, Texts, generator, unless

FUNDERS: tuple[str, ...] = ("anru", "local_authorities", "other", "social_landlords")
_FUNDER_SHARES = np.array([s.ANRU_SHARE, 0.22, 0.10, 1 - s.ANRU_SHARE - 0.32])
_FULLY_DELIVERED, _ON_TIME = 0.45, 0.3
_PHASES_FROM = 40
AMENDMENTS = "anru_amendments"


@dataclass(frozen=True)
class Family:
    """A family of operations: the mark in its ids, its label, the unit of its quantities and the cost of one unit in euros."""

    name: str
    mark: str
    label: str
    unit: str
    unit_cost: float


FAMILIES: tuple[Family, ...] = (
    Family("demolition", "DEM", "Démolition de logements sociaux (opération fictive)", "dwellings", 25_000),
    Family("reconstruction", "REC", "Reconstitution de l'offre sociale (opération fictive)", "dwellings", 135_000),
    Family("rehabilitation", "REH", "Réhabilitation de logements sociaux (opération fictive)", "dwellings", 20_000),
    Family("residentialisation", "RES", "Résidentialisation (opération fictive)", "dwellings", 8_000),
    Family("facilities", "EQU", "Équipement public de proximité (opération fictive)", "facilities", 2_400_000),
    Family("development", "AME", "Aménagement d'espaces publics (opération fictive)", "count", 3_100_000),
)


def operation_rows(demo: Demo, places: Places, sha256: str) -> pd.DataFrame:
    """Return the operations of the treated districts, planned, committed, delivered and paid."""
    random = generator(demo.parameters, 12)
    parts = [
        _rows(demo, places, random, family, number, quantity)
        for family, total in zip(FAMILIES, _quantities(demo, random), strict=True)
        for number, quantity in enumerate(_phases(family, total), start=1)
    ]
    constants = {
        "level": "qpv",
        "geography": s.GEOGRAPHY,
        "programme": s.RENEWAL_PROGRAMME,
        "source": s.DATASET,
        "vintage": s.VINTAGE,
        "file_sha256": sha256,
    }
    found = pd.concat(parts, ignore_index=True).assign(**constants)
    return frame(OPERATION_COLUMNS, found.sort_values(["id", "funder"], ignore_index=True))


def _quantities(demo: Demo, random: np.random.Generator) -> list[Floats]:
    """Return what is delivered in each district, by family; all rebuilt dwellings count, on site or elsewhere."""
    works, social = demo.works, demo.country.social[:, 0] * demo.country.households[:, 0]
    n = len(social)
    intensity = demo.country.quartile / 4
    demolished = np.rint(works.demolished)
    rebuilt = np.maximum(np.rint(works.rebuilt), np.rint(demolished * random.uniform(0.75, 1.0, n)))
    renovated = np.rint(social * random.uniform(0.15, 0.35, n) * (0.5 + 0.5 * intensity))
    fenced = np.rint(social * random.uniform(0.10, 0.35, n))
    facilities = random.integers(1, 4, n) * (demo.country.households[:, 0] > 300)
    spaces = 1.0 + random.integers(0, 3, n)
    return [demolished, rebuilt, renovated, fenced, facilities.astype(np.float64), spaces]


def _phases(family: Family, total: Floats) -> tuple[Floats, ...]:
    """Split a large number of dwellings into two operations; a zero quantity makes no operation."""
    if family.unit != "dwellings":
        return (total,)
    first = np.where(total >= _PHASES_FROM, np.rint(0.6 * total), total)
    return first, total - first


def _rows(
    demo: Demo, places: Places, random: np.random.Generator, family: Family, number: int, quantity: Floats
) -> pd.DataFrame:
    at = np.flatnonzero(demo.country.treated & (quantity > 0))
    n, delivered = len(at), quantity[at]
    is_whole = random.random(n) < _FULLY_DELIVERED
    planned = np.where(is_whole, delivered, np.ceil(delivered / random.uniform(0.70, 0.99, n)))
    committed = np.maximum(delivered, np.rint(planned * random.uniform(0.92, 1.0, n)))
    cost = planned * family.unit_cost * random.uniform(0.8, 1.25, n)
    paid = cost * delivered / planned * random.uniform(0.97, 1.06, n)
    shares = _FUNDER_SHARES + random.uniform(-0.04, 0.04, (n, 1)) * np.array([1, -1, 0, 0])
    start, end_planned, end = _dates(demo, random, at, number)
    physical = pd.DataFrame({"planned": planned, "committed": committed, "delivered": delivered})
    ends = pd.DataFrame({"end_planned": end_planned, "end_actual": unless(planned > delivered, end)})
    operation = pd.DataFrame(
        {
            "id": [f"{places.districts[d]}-{family.mark}-{number}" for d in at],
            "territory": np.array(places.districts, dtype=object)[at],
            "start": start,
        }
    ).assign(family=family.name, label=family.label, unit=family.unit)
    found = []
    for rank, (funder, share) in enumerate(zip(FUNDERS, shares.T, strict=True)):
        costs = pd.DataFrame(
            {
                "cost_planned": np.round(cost * share, -2),
                "cost_committed": np.round(cost * share * committed / planned, -2),
                "cost_paid": np.round(paid * share, -2),
            }
        )
        parts = [operation, costs, physical, ends] if rank == 0 else [operation, costs, 0 * physical]
        found.append(pd.concat(parts, axis=1).assign(funder=funder))
    return pd.concat(found)


def _dates(demo: Demo, random: np.random.Generator, at: Integers, number: int) -> tuple[Texts, Texts, Texts]:
    """Return the start, the planned end and the real end, inside the convention's years; three in ten end on time."""
    signed, completed = demo.works.signed[at], demo.works.completed[at]
    half = (completed - signed) / 2
    start = signed + half * (number - 1) + random.uniform(0, 0.8, len(at))
    end = start + half * random.uniform(0.85, 1.0, len(at))
    delay = np.minimum(random.exponential(0.75, len(at)), half * 0.7) * (random.random(len(at)) > _ON_TIME)
    return _day(start), _day(end - delay), _day(end)


def _day(years: Floats) -> Texts:
    """Return ISO dates of decimal years."""
    days = np.floor((years - 1970) * 365.25).astype("datetime64[D]")
    return np.datetime_as_string(days).astype(object)


def amendment_rows(demo: Demo, places: Places, sha256: str) -> pd.DataFrame:
    """Return the amendments (avenants) of the conventions: none to three, each with its date and its reason."""
    random = generator(demo.parameters, 13)
    reasons = ("calendrier", "programme de logements", "plan de financement")
    found = [
        (district, number, int(demo.works.signed[index]) + 2 * number, reasons[int(random.integers(0, 3))])
        for index, district in enumerate(places.districts)
        if demo.country.treated[index]
        for number in range(1, int(random.integers(0, 4)) + 1)
    ]
    return frame(
        REFERENCE_COLUMNS,
        {
            "list": [AMENDMENTS] * len(found),
            "code": [f"{district}-{number}" for district, number, _, _ in found],
            "label": [f"Avenant n° {number} à la convention (fictif)" for _, number, _, _ in found],
            "unit": ["count"] * len(found),
            "details": [
                json.dumps({"date": f"{year}-06-30", "reason": reason, "territory": district}, ensure_ascii=False)
                for district, _, year, reason in found
            ],
            "source": [s.DATASET] * len(found),
            "vintage": [s.VINTAGE] * len(found),
            "file_sha256": [sha256] * len(found),
        },
    )
