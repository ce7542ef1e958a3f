"""The calibration of the demo data: every number of the model that a reader may want to question stands here.

What is published is marked; all else is a modelling choice that makes a plausible fictitious country.
`docs/demo-data.md` explains the formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]

DATASET = "evalkit_demo"
GEOGRAPHY = "demo"
VINTAGE = "2019"
RENEWAL_PROGRAMME = "pnru_demo"
ESS_PROGRAMME = "ess_demo"
SOURCE_SEED = 20240133
SMALLEST, LARGEST = 12, 35_000
FULL_DETAIL_UP_TO = 5_000

# Published (France Stratégie, Note d'analyse 133, 2024): districts, years, and the two effects in the most intense quarter.
TREATED_SHARE = 497 / 737
YEARS: tuple[int, ...] = tuple(range(1999, 2020, 2))
LAST_YEAR_BEFORE = 2003
EFFECT_SOCIAL = -0.06
EFFECT_POOREST = -0.05
ANRU_SHARE = 0.23

CENSUS_YEARS: tuple[int, ...] = (1999, 2007, 2011, 2015, 2019)
INCOME_YEARS: tuple[int, ...] = tuple(range(2013, 2020))
REGISTER_YEARS: tuple[int, ...] = tuple(range(2011, 2020, 2))
BREAK_YEAR = 2018
BREAK_POVERTY = 0.8

# Housing and people in 1999, by group: comparable, treated, treated in the most intense quarter.
HOUSEHOLDS_MEDIAN = (1_200.0, 1_700.0, 1_700.0)
HOUSEHOLDS_SPREAD = 0.55
SMALL_SHARE = 0.08
SMALL_HOUSEHOLDS = (30.0, 110.0)
SOCIAL_SHARE = (0.62, 0.68, 0.68)
POOREST_SHARE = (0.270, 0.280, 0.288)
SOCIAL_SPREAD, SOCIAL_BOUNDS = 0.09, (0.42, 0.80)
POOREST_SPREAD, POOREST_BOUNDS = 0.045, (0.15, 0.45)
SOCIAL_TREND = -0.015
POOREST_TREND = 0.012
SHOCK_SOCIAL, SHOCK_POOREST, SHOCK_MEMORY = 0.003, 0.005, 0.6
NOISE = 0.5

# Renewal: demolished dwellings as a share of the dwellings of 1999, by quarter of intensity.
DEMOLISHED: tuple[tuple[float, float], ...] = ((0.004, 0.02), (0.02, 0.045), (0.045, 0.08))
DEMOLISHED_TOP = 0.11
DEMOLITION_PART = 0.6
REBUILT_ON_SITE = 0.30
LEAVING_POOREST, REBUILT_POOREST, NEW_POOREST = 0.45, 0.20, 0.10
REHOUSED_IN_COMMUNE = 0.6
SIGNED = (2004, 2008)
COMPLETED = (2012, 2018)

# Structures of the social and solidarity economy: survival after t years is exp(-ratio * (t / scale) ** shape).
HAZARD_RATIO = 0.67
WEIBULL_SHAPE = 1.05
SURVIVAL_3_NOT_SUPPORTED = 0.74
EXIT_RATE = (0.52, 0.58)
JOB_GROWTH = (0.0, 0.10)
OBSERVED_UNTIL = "2021-12-31"

# Disclosure: a cell that rests on fewer than 11 units is secret; a median needs 50 households. Some cells are missing.
SECRET_BELOW = 11
SECRET_BELOW_BY_INDICATOR: Mapping[str, int] = {"ess_structures_n": 3, "ess_jobs_n": 3, "ur_divers": 0}
MEDIAN_NEEDS = 50
MISSING_SHARE = 0.01


@dataclass(frozen=True)
class Parameters:
    """What the demo data depends on, and nothing else: the number of territories, how many are reported, the seed."""

    universe: int = 737
    reported: int = 12
    seed: int = SOURCE_SEED

    @property
    def treated(self) -> int:
        """Return the number of treated districts: the published proportion, 497 of 737."""
        return round(self.universe * TREATED_SHARE)

    @property
    def full_detail(self) -> bool:
        """Say whether all indicators are made; above 5,000 territories only the main ones are."""
        return self.universe <= FULL_DETAIL_UP_TO


def generator(parameters: Parameters, purpose: int) -> np.random.Generator:
    """Return the random numbers of one part of the model, so that a change of one part leaves the others as they are."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([parameters.seed, parameters.universe, purpose])))


def weibull_scale() -> float:
    """Return the scale, in years, at which the structures without support have the stated survival at three years."""
    return float(3 / (-np.log(SURVIVAL_3_NOT_SUPPORTED)) ** (1 / WEIBULL_SHAPE))


def unless(absent: Flags, texts: Texts) -> Texts:
    """Return the texts, none where absent."""
    found = texts.copy()
    found[absent] = None
    return found
