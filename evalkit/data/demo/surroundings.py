"""The communes, EPCI and departments around the districts: each contains its districts, and more.

A count of a commune is the sum of the counts of its districts and of the rest of the commune, so that the parent minus
its districts is never negative. Part of the poor households that leave demolished dwellings are found again in that rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.data.demo import settings as s
from evalkit.data.demo.districts import Demo, after_break, at, median_income, poverty_rate, tens
from evalkit.data.demo.measures import Measure, count, noisy, proportion
from evalkit.data.demo.places import Places
from evalkit.data.demo.settings import Floats, Integers, generator
from evalkit.model.observation import NO_BREAKDOWN

_REST_SHARE: Mapping[str, float] = {
    "ho_social": 0.20, "ur_d1_share": 0.105, "ho_vac": 0.08, "ig_etr": 0.06, "de_mono": 0.14, "ed_dipl": 0.52, "em_emploi": 0.64,
}  # fmt: skip
_REST_TREND: Mapping[str, float] = {"ur_d1_share": s.POOREST_TREND / 20, "ho_social": 0.001, "ig_etr": 0.0005}
_REST_SIZE: Mapping[str, tuple[float, float]] = {"commune": (0.8, 3.0), "epci": (0.2, 0.6), "department": (0.2, 0.8)}
_FROM_DISTRICTS = (
    "in_menages",
    "ho_social",
    "ur_d1_share",
    "ho_vac",
    "de_pop",
    "ig_etr",
    "de_mono",
    "ed_dipl",
    "em_emploi",
)


@dataclass(frozen=True)
class _Level:
    """One step up: which place of the level each place below lies in, and how much larger the rest is than the sum below."""

    name: str
    inside: Integers
    ratio: Floats
    lean: Floats


def parent_measures(demo: Demo, places: Places, measures: Sequence[Measure]) -> Iterator[Measure]:
    """Yield the measures of the communes, EPCI and departments that follow from those of the districts."""
    random = generator(demo.parameters, 10)
    levels = _levels(places, random)
    for measure in measures:
        if measure.indicator not in _FROM_DISTRICTS or measure.breakdown != NO_BREAKDOWN:
            continue
        current = measure
        for level in levels:
            current = _contain(
                random, current, level, _moved(demo, places, measure) if level.name == "commune" else None
            )
            yield current
            if measure.indicator == "ur_d1_share":
                yield from _incomes(random, current)


def _levels(places: Places, random: np.random.Generator) -> tuple[_Level, ...]:
    above = {
        "commune": (places.commune, len(places.communes)),
        "epci": (places.epci, len(places.epcis)),
        "department": (
            places.department[np.searchsorted(places.epci, np.arange(len(places.epcis)))],
            len(places.departments),
        ),
    }
    return tuple(
        _Level(name, inside, random.uniform(*_REST_SIZE[name], size), random.normal(0, 0.12, size))
        for name, (inside, size) in above.items()
    )


def _contain(
    random: np.random.Generator, measure: Measure, level: _Level, moved: tuple[Floats, Floats] | None
) -> Measure:
    if measure.denominator is None or measure.numerator is None:
        below = _sum(measure.value, level.inside)
        extra = 0.0 if moved is None else moved[1]
        return count(
            measure.indicator, level.name, measure.periods, below + np.rint(level.ratio[:, None] * below + extra)
        )
    below = _sum(measure.denominator, level.inside)
    rest = np.rint(level.ratio[:, None] * below)
    elapsed = np.array(measure.periods) - s.YEARS[0]
    share = (
        _REST_SHARE[measure.indicator] * (1 + level.lean[:, None]) + _REST_TREND.get(measure.indicator, 0.0) * elapsed
    )
    part = noisy(random, share, rest)
    if moved is not None:
        part, rest = part + np.rint(moved[0]), rest + np.rint(moved[1])
    total = _sum(measure.numerator, level.inside) + part
    return proportion(measure.indicator, level.name, measure.periods, total, below + rest)


def _sum(values: Floats, inside: Integers) -> Floats:
    """Add up rows that lie in the same place; places follow each other in order."""
    starts = np.searchsorted(inside, np.arange(int(inside[-1]) + 1))
    return np.asarray(np.add.reduceat(values, starts, axis=0), dtype=np.float64)


def _moved(demo: Demo, places: Places, measure: Measure) -> tuple[Floats, Floats] | None:
    """Return the households rehoused in the rest of each commune: those that count in the numerator, and all."""
    if measure.indicator not in ("in_menages", "ur_d1_share", "ho_social"):
        return None
    done = np.column_stack([demo.works.progress(year) for year in measure.periods])
    households = s.REHOUSED_IN_COMMUNE * done * demo.works.demolished[:, None]
    poorest = np.minimum(households * demo.works.leaving_poorest[:, None], households)
    counted = poorest if measure.indicator == "ur_d1_share" else households
    return np.floor(_sum(counted, places.commune)), np.ceil(_sum(households, places.commune))


def _incomes(random: np.random.Generator, poorest: Measure) -> Iterator[Measure]:
    """Yield the median income and the poverty rate of places, without counts: they can be compared, never subtracted."""
    share = at(poorest.value / 100, s.INCOME_YEARS)
    households = np.rint(at(poorest.denominator if poorest.denominator is not None else share, s.INCOME_YEARS))
    median = median_income(share, s.INCOME_YEARS) + 40 * random.standard_normal(share.shape)
    yield Measure("in_med", poorest.level, s.INCOME_YEARS, tens(median), n=households)
    rate = 100 * poverty_rate(share) + after_break()
    yield Measure("in_tp60", poorest.level, s.INCOME_YEARS, np.round(rate, 1), n=households)
