"""Structures of the social and solidarity economy: supported or refused, with a known ratio of hazards."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.data.delivery import STRUCTURE_COLUMNS, frame
from evalkit.data.demo import settings as s
from evalkit.data.demo.districts import Demo, persons
from evalkit.data.demo.measures import Measure, count
from evalkit.data.demo.places import Places
from evalkit.data.demo.settings import Floats, generator

_FAMILIES = np.array(["association", "company", "cooperative", "foundation", "mutual"])
_FAMILY_WEIGHTS = np.array([0.74, 0.09, 0.11, 0.03, 0.03])
_INSERTION_SHARE = 0.22
_FIRST, _LAST = np.datetime64("2010-01-01"), np.datetime64("2018-12-31")
_DAYS_PER_YEAR = 365.25


def structure_rows(demo: Demo, places: Places, sha256: str) -> pd.DataFrame:
    """Return the structures of every district; half were supported, the others applied and were refused.

    Survival after t years is `exp(-(t / scale) ** shape)` without support; support multiplies the hazard by a constant.
    Whether a structure is supported depends on nothing else: a comparison of the two groups finds the truth.
    """
    random = generator(demo.parameters, 11)
    district, rank = _places_of(demo, random)
    n = len(district)
    supported = random.random(n) < 0.5
    created = _FIRST + random.integers(0, (_LAST - _FIRST).astype(int) + 1, n)
    ratio = np.where(supported, s.HAZARD_RATIO, 1.0)
    years = s.weibull_scale() * (random.exponential(1, n) / ratio) ** (1 / s.WEIBULL_SHAPE)
    ended = created + np.ceil(np.minimum(years, 100) * _DAYS_PER_YEAR).astype(np.int64)
    alive = ended > np.datetime64(s.OBSERVED_UNTIL)
    jobs = 1.0 + random.poisson(3, n)
    growth = np.exp(random.normal(np.where(supported, s.JOB_GROWTH[1], s.JOB_GROWTH[0]), 0.3))
    grant = np.round(6_000 + 2_500 * jobs * random.uniform(0.6, 1.4, n), -2)
    family = random.choice(_FAMILIES, n, p=_FAMILY_WEIGHTS)
    entries, exits, positive = _insertion(random, supported, family)
    return frame(
        STRUCTURE_COLUMNS,
        {
            "id": [f"{places.districts[d]}-ESS-{r + 1:03d}" for d, r in zip(district, rank, strict=True)],
            "territory": np.array(places.districts, dtype=object)[district],
            "family": family,
            "supported": supported,
            "created": np.datetime_as_string(created),
            "ended": s.unless(alive, np.datetime_as_string(ended).astype(object)),
            "jobs_start": jobs,
            "jobs_end": np.where(alive, np.maximum(np.rint(jobs * growth), 1), 0),
            "grant": np.where(supported, grant, np.nan),
            "insertion_entries": entries,
            "insertion_exits": exits,
            "insertion_exits_positive": positive,
        }
        | {name: [text] * n for name, text in _constants(sha256).items()},
    )


def _constants(sha256: str) -> dict[str, str]:
    return {
        "level": "qpv",
        "geography": s.GEOGRAPHY,
        "programme": s.ESS_PROGRAMME,
        "observed_until": s.OBSERVED_UNTIL,
        "source": s.DATASET,
        "vintage": s.VINTAGE,
        "file_sha256": sha256,
    }


def _places_of(demo: Demo, random: np.random.Generator) -> tuple[s.Integers, s.Integers]:
    """Return the district of each structure and its rank there: 8 at least, more where more people live."""
    people = persons(demo, (2011,))[:, 0]
    numbers = np.minimum(8 + random.poisson(people / 250), 60)
    district = np.repeat(np.arange(len(numbers)), numbers)
    return district, np.arange(len(district)) - np.repeat(np.cumsum(numbers) - numbers, numbers)


def _insertion(
    random: np.random.Generator, supported: s.Flags, family: NDArray[np.str_]
) -> tuple[Floats, Floats, Floats]:
    """Return entries, exits and positive exits of the structures that work for integration; NaN in the others."""
    n = len(supported)
    active = np.isin(family, ("association", "company")) & (random.random(n) < _INSERTION_SHARE)
    entries = 4 + random.poisson(8, n)
    exits = random.binomial(entries, 0.7)
    positive = random.binomial(exits, np.where(supported, s.EXIT_RATE[1], s.EXIT_RATE[0]))
    return tuple(np.where(active, part, np.nan) for part in (entries, exits, positive))  # type: ignore[return-value]


def structure_measures(places: Places, structures: pd.DataFrame) -> tuple[Measure, ...]:
    """Return, by department, the structures supported since the start and the jobs that those alive had when they started."""
    supported = structures[structures["supported"]]
    district = pd.Index(places.districts).get_indexer(pd.Index(supported["territory"]))
    department = places.department[places.commune[district]]
    created, ended = (pd.to_datetime(supported[name]).to_numpy() for name in ("created", "ended"))
    jobs = supported["jobs_start"].to_numpy(dtype=np.float64)
    ends = [np.datetime64(f"{year}-12-31") for year in s.REGISTER_YEARS]
    size = len(places.departments)

    def by_department(flags: s.Flags, weights: Floats) -> Floats:
        return np.asarray(np.bincount(department, flags * weights, size), dtype=np.float64)

    numbers = np.column_stack([by_department(created <= day, np.ones(len(jobs))) for day in ends])
    employed = np.column_stack([by_department((created <= day) & ~(ended <= day), jobs) for day in ends])
    return (
        count("ess_structures_n", "department", s.REGISTER_YEARS, numbers),
        count("ess_jobs_n", "department", s.REGISTER_YEARS, employed),
    )


def employment_shares(demo: Demo, places: Places) -> Measure:
    """Return the share of the social and solidarity economy in salaried employment, by department, 2008 and 2014."""
    random = generator(demo.parameters, 16)
    size = len(places.departments)
    salaried = np.rint(random.uniform(60_000, 240_000, size))[:, None] * np.array([1.0, 1.01])
    share = np.clip(random.normal(0.105, 0.02, size), 0.05, 0.25)[:, None] + np.array([0.0, 0.006])
    jobs, total = np.rint(share * salaried), np.rint(salaried)
    return Measure(
        "ess_part", "department", (2008, 2014), np.round(100 * jobs / total, 1), numerator=jobs, denominator=total
    )
