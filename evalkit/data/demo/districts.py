"""What is measured in each district: housing and poverty every second year, census-like shares, incomes, registers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from evalkit.data.demo import settings as s
from evalkit.data.demo.measures import Measure, count, noisy, proportion
from evalkit.data.demo.renewal import Country, Outcome, Works
from evalkit.data.demo.settings import Floats, Parameters, generator


@dataclass(frozen=True)
class Demo:
    """The drawn country and what the programme made of it: all that the measures and the truth are taken from."""

    parameters: Parameters
    country: Country
    works: Works
    outcome: Outcome


def district_measures(demo: Demo) -> Iterator[Measure]:
    """Yield every measure of the districts, before any disclosure rule is applied."""
    yield from _housing(demo)
    yield from _incomes(demo)
    yield from _population(demo)
    if demo.parameters.full_detail:
        yield from _people(demo)
        yield from _work(demo)
        yield from _social_housing(demo)
        yield _diversification(demo)


def at(paths: Floats, years: Sequence[int]) -> Floats:
    """Return paths known every second year at other years, by straight lines."""
    position = (np.array(years) - s.YEARS[0]) / 2
    before = np.floor(position).astype(np.int64)
    after = np.ceil(position).astype(np.int64)
    part = position - before
    return np.asarray(paths[:, before] * (1 - part) + paths[:, after] * part, dtype=np.float64)


def poverty_rate(poorest: Floats) -> Floats:
    """Return the poverty rate (a share) that goes with a share of households in the lowest decile."""
    return np.clip(1.45 * poorest, 0.02, 0.75)


def median_income(poorest: Floats, years: Sequence[int]) -> Floats:
    """Return the median standard of living in euros of each year: lower where more households are in the lowest decile."""
    return 25_500 * np.exp(-2.25 * poorest) * 1.012 ** (np.array(years) - s.INCOME_YEARS[0])


def after_break() -> Floats:
    """Return what the break adds to the poverty rate of each income year, in points."""
    return np.where(np.array(s.INCOME_YEARS) >= s.BREAK_YEAR, s.BREAK_POVERTY, 0.0)


def tens(values: Floats) -> Floats:
    """Return values rounded to tens, as incomes are published."""
    return np.asarray(10 * np.rint(values / 10), dtype=np.float64)


def _housing(demo: Demo) -> Iterator[Measure]:
    random = generator(demo.parameters, 4)
    outcome = demo.outcome
    households = np.rint(outcome.households)
    yield count("in_menages", "qpv", s.YEARS, households)
    yield proportion("ho_social", "qpv", s.YEARS, noisy(random, outcome.social, households), households)
    yield proportion("ur_d1_share", "qpv", s.YEARS, noisy(random, outcome.poorest, households), households)
    done = np.column_stack([demo.works.progress(year) for year in s.YEARS])
    emptied = 0.015 * ((done > 0) & (done < 1))
    vacancy = np.clip(random.normal(0.07, 0.02, len(households)), 0.02, 0.15)[:, None] + emptied
    dwellings = np.rint(households / (1 - vacancy))
    yield proportion("ho_vac", "qpv", s.YEARS, noisy(random, vacancy, dwellings), dwellings)


def _incomes(demo: Demo) -> Iterator[Measure]:
    random = generator(demo.parameters, 5)
    households = np.rint(at(demo.outcome.households, s.INCOME_YEARS))
    poorest = at(demo.outcome.poorest, s.INCOME_YEARS)
    size = np.sqrt(1_500 / households)
    median = median_income(poorest, s.INCOME_YEARS) + 90 * size * random.standard_normal(poorest.shape)
    yield Measure("in_med", "qpv", s.INCOME_YEARS, tens(median), n=households)
    lasting = random.normal(0, 0.012, len(poorest))[:, None]
    poor = 100 * noisy(random, poverty_rate(poorest) + lasting, households) / households
    yield Measure("in_tp60", "qpv", s.INCOME_YEARS, np.round(poor + after_break(), 1), n=households)
    if demo.parameters.full_detail:
        lasting = random.normal(0.275, 0.018, len(poorest))[:, None]
        gini = np.clip(lasting + 0.004 * size * random.standard_normal(poorest.shape), 0.18, 0.45)
        yield Measure("in_gini", "qpv", s.INCOME_YEARS, np.round(gini, 3), n=households)


def persons(demo: Demo, years: Sequence[int]) -> Floats:
    """Return the number of inhabitants: households times a size that falls slowly."""
    random = generator(demo.parameters, 6)
    size = random.normal(2.55, 0.2, demo.parameters.universe)[:, None] - 0.012 * (np.array(years) - s.YEARS[0])
    return np.asarray(np.rint(at(demo.outcome.households, years) * size), dtype=np.float64)


def _population(demo: Demo) -> Iterator[Measure]:
    yield count("de_pop", "qpv", s.CENSUS_YEARS, persons(demo, s.CENSUS_YEARS))


def _people(demo: Demo) -> Iterator[Measure]:
    random = generator(demo.parameters, 7)
    n, people = demo.parameters.universe, persons(demo, s.CENSUS_YEARS)
    families = np.rint(0.64 * at(demo.outcome.households, s.CENSUS_YEARS))
    adults = np.rint(0.52 * people)
    elapsed = np.array(s.CENSUS_YEARS) - s.YEARS[0]
    for indicator, total, mean, spread, slope in (
        ("ig_etr", people, 0.18, 0.05, 0.0015),
        ("de_mono", families, 0.24, 0.04, 0.0020),
        ("ed_dipl", adults, 0.74, 0.05, -0.0070),
    ):
        share = np.clip(random.normal(mean, spread, n), mean / 3, 0.9)[:, None] + slope * elapsed
        yield proportion(indicator, "qpv", s.CENSUS_YEARS, noisy(random, share, total), total)


def _work(demo: Demo) -> Iterator[Measure]:
    """Yield the employment rate of all, women and men, foreigners and French (each pair adds up), and the jobseekers."""
    random = generator(demo.parameters, 8)
    years = s.CENSUS_YEARS
    total = np.rint(0.63 * persons(demo, years))
    rate = 0.66 - 0.5 * at(demo.outcome.poorest, years) + random.normal(0, 0.02, (len(total), 1))
    women = np.rint(0.515 * total)
    women_employed, men_employed = noisy(random, rate - 0.055, women), noisy(random, rate + 0.058, total - women)
    employed = women_employed + men_employed
    foreign = np.rint(0.19 * total)
    foreign_employed = np.minimum(noisy(random, rate - 0.07, foreign), employed)
    foreign_employed = np.maximum(foreign_employed, employed - (total - foreign))
    for breakdown, part, whole in (
        ("none", employed, total),
        ("sex=female", women_employed, women),
        ("sex=male", men_employed, total - women),
        ("nationality=foreign", foreign_employed, foreign),
        ("nationality=french", employed - foreign_employed, total - foreign),
    ):
        yield proportion("em_emploi", "qpv", years, part, whole, breakdown)
    actives = np.rint(0.63 * persons(demo, s.REGISTER_YEARS))
    yield count(
        "em_de_abcde",
        "qpv",
        s.REGISTER_YEARS,
        noisy(random, 0.08 + 0.4 * at(demo.outcome.poorest, s.REGISTER_YEARS), actives),
    )


def _social_housing(demo: Demo) -> Iterator[Measure]:
    random = generator(demo.parameters, 9)
    stock = np.rint(at(demo.outcome.social, s.INCOME_YEARS) * at(demo.outcome.households, s.INCOME_YEARS))
    for indicator, mean, spread in (("ho_rpls_mob", 0.08, 0.02), ("ho_rpls_vac3", 0.025, 0.01)):
        share = np.clip(random.normal(mean, spread, len(stock)), mean / 3, 3 * mean)[:, None]
        yield proportion(indicator, "qpv", s.INCOME_YEARS, noisy(random, share, stock), stock)


def _diversification(demo: Demo) -> Measure:
    """Return the share of private dwellings among those built in the treated districts; where none was built there is no share."""
    private, rebuilt = np.rint(demo.works.private), np.rint(demo.works.rebuilt)
    return proportion("ur_divers", "qpv", s.YEARS[-1:], private[:, None], (private + rebuilt)[:, None])
