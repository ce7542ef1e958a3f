"""A hand-made programme: thirty districts, some treated since 2010, with an effect that is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from notebook_samples import CODES, OTHERS, OURS, Tiny

YEARS = tuple(range(2004, 2016))
START = 2010
HEAD = """\
evaluation: essai
title: {fr: Un essai, en: A trial}
programme: {kind: anru, start: 2010, end: 2017, name: {fr: Le programme, en: The programme}}
territories: {level: qpv, geography: 2015, codes: [QP034001, QP034002]}
languages: [fr, en]
comparators:
  - {id: others, kind: territories, codes: [CODES], label: {fr: les autres, en: the others}}
templates: [{name: anru_outcomes}]
questions:
  - id: Q1
    criterion: impact
    text: {fr: Quel effet ?, en: Which effect?}
    criteria:
"""
CRITERION = """\
      - id: ID
        text: {fr: La pauvreté recule., en: Poverty recedes.}
        indicator: ur_d1_share
        design: {method: METHOD, comparator: others, from: 2004, to: 2015}
        met_if: "upper < 0"
        not_met_if: "lower > 0"
"""
INDICATORS = """\
indicators:
  - {id: ur_d1_share, role: primary}
  - {id: ho_social, role: primary}
  - {id: de_pop, role: context}
"""


def plan(*methods: str, others: Sequence[str] = OTHERS) -> str:
    """A plan with one criterion for each method, on the share of households in the first decile."""
    criteria = "".join(
        CRITERION.replace("ID", f"C{number}").replace("METHOD", method) for number, method in enumerate(methods, 1)
    )
    return HEAD.replace("CODES", ", ".join(others)) + criteria + INDICATORS


def wave(number: int, year: int) -> float:
    """What a district would be at without the programme: its level, a common trend, and a wobble of its own."""
    wobble = float(np.random.default_rng([number, year]).normal(0, 0.4))
    return 25.0 + 0.3 * (number % 10) + 0.1 * (year - YEARS[0]) + wobble


def programme(tiny: Tiny, treated: Sequence[str] = (OURS,), effect: float = 0.0, years: Sequence[int] = YEARS) -> None:
    """Give every district its values, the treated ones with the effect from the start on, and an operation."""
    for year in years:
        values = {
            code: wave(number, year) + (effect if code in treated and year >= START else 0.0)
            for number, code in enumerate(CODES)
        }
        tiny.put("ur_d1_share", year, values)
    for code in treated:
        tiny.operation(territory=code, start=f"{START}-05-01")
