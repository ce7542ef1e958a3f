"""Urban renewal with known effects: who is treated, how hard, and what the districts would be like without it.

Dwellings are counted, and shares follow from counts: demolition takes social dwellings away, and the households in them,
poorer than average, leave; some dwellings are rebuilt on site; private dwellings are built, and their households are less
poor. The effect on a share is the share with the programme minus the share without, both known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.data.demo import settings as s
from evalkit.data.demo.settings import Flags, Floats, Integers, Parameters, generator


@dataclass(frozen=True)
class Country:
    """The districts without the programme: `households` and the two shares by year; `quartile` 0 is comparable, 1 to 4 treated."""

    quartile: Integers
    small: Flags
    households: Floats
    social: Floats
    poorest: Floats

    @property
    def treated(self) -> Flags:
        """Say which districts are treated."""
        return self.quartile > 0


@dataclass(frozen=True)
class Works:
    """What the programme does when completed, in dwellings per district, and who leaves and who comes (share in the lowest decile)."""

    demolished: Floats
    rebuilt: Floats
    private: Floats
    leaving_poorest: Floats
    rebuilt_poorest: Floats
    signed: Integers
    completed: Integers

    def progress(self, year: float) -> Floats:
        """Return the part of the works done by a year, from 0 to 1 (0 in districts without works)."""
        return np.clip((year - self.signed) / (self.completed - self.signed), 0, 1) * (self.demolished > 0)


@dataclass(frozen=True)
class Outcome:
    """The districts with the programme, by year, and the parts of the effect on each share."""

    households: Floats
    social: Floats
    poorest: Floats
    social_by_demolition: Floats
    poorest_by_demolition: Floats


def draw_country(parameters: Parameters) -> Country:
    """Draw the districts and their counterfactual paths: the same trend for all, plus shocks that ignore the programme."""
    random = generator(parameters, 2)
    n = parameters.universe
    quartile, small = _groups(parameters, random)
    kind = np.where(quartile == 4, 2, np.minimum(quartile, 1))
    spread = np.exp(random.normal(0, s.HOUSEHOLDS_SPREAD, n))
    size = np.clip(np.array(s.HOUSEHOLDS_MEDIAN)[kind] * spread, 200, 9_000)
    size = np.where(small, random.uniform(*s.SMALL_HOUSEHOLDS, n), size)
    growth = random.normal(0.001, 0.003, n)
    elapsed = np.array(s.YEARS) - s.YEARS[0]
    share = elapsed / elapsed[-1]
    social = np.clip(random.normal(np.array(s.SOCIAL_SHARE)[kind], s.SOCIAL_SPREAD), *s.SOCIAL_BOUNDS)
    poorest = np.clip(random.normal(np.array(s.POOREST_SHARE)[kind], s.POOREST_SPREAD), *s.POOREST_BOUNDS)
    return Country(
        quartile=quartile,
        small=small,
        households=size[:, None] * (1 + growth[:, None] * elapsed),
        social=social[:, None] + s.SOCIAL_TREND * share + _shocks(random, n, s.SHOCK_SOCIAL),
        poorest=poorest[:, None] + s.POOREST_TREND * share + _shocks(random, n, s.SHOCK_POOREST),
    )


def _groups(parameters: Parameters, random: np.random.Generator) -> tuple[Integers, Flags]:
    order = random.permutation(parameters.universe)
    quartile = np.zeros(parameters.universe, dtype=np.int64)
    for index, members in enumerate(np.array_split(order[: parameters.treated], 4)):
        quartile[members] = index + 1
    small = np.zeros(parameters.universe, dtype=np.bool_)
    small[random.permutation(order)[: round(s.SMALL_SHARE * parameters.universe)]] = True
    small[np.flatnonzero(quartile == 4)[0]] = True
    return quartile, small


def _shocks(random: np.random.Generator, n: int, spread: float) -> Floats:
    """Return stationary first-order autoregressive shocks, one path per district."""
    paths = random.normal(0, spread, (n, len(s.YEARS)))
    for year in range(1, len(s.YEARS)):
        paths[:, year] = s.SHOCK_MEMORY * paths[:, year - 1] + np.sqrt(1 - s.SHOCK_MEMORY**2) * paths[:, year]
    return paths


def draw_works(parameters: Parameters, country: Country) -> Works:
    """Draw the works: in the top quarter solved so that the stated effects hold, elsewhere demolition is made good on site."""
    random = generator(parameters, 3)
    n = parameters.universe
    households, social, poorest = country.households[:, -1], country.social[:, -1], country.poorest[:, -1]
    top, others = country.quartile == 4, country.treated & (country.quartile < 4)
    low, high = np.array([(0.0, 0.0), *s.DEMOLISHED, (0.0, 0.0)])[country.quartile].T
    rate = np.asarray(random.uniform(low, high), dtype=np.float64)
    aim_social = np.where(top, _centred(random, n, top, s.EFFECT_SOCIAL, 0.008), random.normal(0, 0.1, n) * rate)
    aim_poorest = np.where(top, _centred(random, n, top, s.EFFECT_POOREST, 0.006), random.normal(0, 0.05, n) * rate)
    net = -s.DEMOLITION_PART * aim_social / (1 - social - s.DEMOLITION_PART * aim_social)
    rate = np.where(top, np.maximum(net / (1 - s.REBUILT_ON_SITE), s.DEMOLISHED_TOP), rate)
    private_others = rate * random.uniform(0, 0.2, n)
    rebuilt_others = rate + ((social + aim_social) * private_others + aim_social) / (1 - social - aim_social)
    rebuilt = np.where(top, rate - net, np.where(others, np.maximum(rebuilt_others, 0), 0))
    private_top = (social - net) / (social + aim_social) - (1 - net)
    private = np.where(top, private_top, private_others)
    left = np.where(top, np.nan, random.normal(s.LEAVING_POOREST, 0.05, n))
    leaving, back = _movers(rate, rebuilt, private, poorest, aim_poorest, left)
    return Works(
        demolished=rate * households,
        rebuilt=rebuilt * households,
        private=private * households,
        leaving_poorest=leaving,
        rebuilt_poorest=back,
        signed=random.integers(s.SIGNED[0], s.SIGNED[1] + 1, n),
        completed=random.integers(s.COMPLETED[0], s.COMPLETED[1] + 1, n),
    )


def _centred(random: np.random.Generator, n: int, members: Flags, mean: float, spread: float) -> Floats:
    """Return draws whose mean over the members is exactly the stated one."""
    draws = np.clip(random.normal(0, spread, n), -2 * spread, 2 * spread)
    return np.asarray(mean + draws - draws[members].mean(), dtype=np.float64)


def _movers(
    rate: Floats, rebuilt: Floats, private: Floats, poorest: Floats, aim: Floats, left: Floats
) -> tuple[Floats, Floats]:
    """Solve who leaves (top quarter: `left` is NaN) or who comes back (elsewhere) so that the aim holds, within possible shares."""
    wanted = (poorest + aim) * (1 - rate + rebuilt + private) - poorest - private * s.NEW_POOREST
    with np.errstate(divide="ignore", invalid="ignore"):
        leaving = np.where(np.isnan(left), (rebuilt * s.REBUILT_POOREST - wanted) / rate, left)
        back = np.where(np.isnan(left), s.REBUILT_POOREST, (wanted + rate * leaving) / rebuilt)
    return np.clip(leaving, 0.02, 0.98), np.clip(np.nan_to_num(back, nan=0.5), 0.02, 0.98)


def apply_works(country: Country, works: Works) -> Outcome:
    """Carry out the works year by year and return the districts as they become."""
    done = np.column_stack([works.progress(year) for year in s.YEARS])
    out, back, new = (done * each[:, None] for each in (works.demolished, works.rebuilt, works.private))
    social, poor = country.social * country.households, country.poorest * country.households
    rest = country.households - out + back
    social_rest = social - out + back
    poor_rest = poor - out * works.leaving_poorest[:, None] + back * works.rebuilt_poorest[:, None]
    return Outcome(
        households=rest + new,
        social=social_rest / (rest + new),
        poorest=(poor_rest + new * s.NEW_POOREST) / (rest + new),
        social_by_demolition=social_rest / rest - country.social,
        poorest_by_demolition=poor_rest / rest - country.poorest,
    )
