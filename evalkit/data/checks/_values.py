"""Values that cannot be what they seem: zeros, multiples, lost decimals, wrong units."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.data.checks._series import ENOUGH, Series, decimals, some
from evalkit.data.codes_warehouse import (
    ALL_MULTIPLES,
    FRACTIONS,
    OUT_OF_RANGE,
    PRECISION_DROP,
    SUSPICIOUS_ZERO,
)
from evalkit.errors import Problem
from evalkit.model.texts import LocalText
from evalkit.text import UNITS, Quantity

_FEW_ZEROS = 0.10
_FAR = 0.10
_STEPS = 5


def suspicious_zeros(series: Series) -> Iterator[Problem]:
    """Find a few zeros in a distribution that stays far from zero: next value at least a tenth of the median, five rounding steps away."""
    for dataset, period, rows in series.parts():
        zeros, others = rows[rows["value"] == 0], rows.loc[rows["value"] > 0, "value"]
        if zeros.empty or len(others) < ENOUGH or len(zeros) > _FEW_ZEROS * len(rows):
            continue
        smallest = others.min()
        if smallest >= _FAR * others.median() and smallest >= _STEPS * 10.0 ** -decimals(others):
            values = {"n": Quantity(len(zeros)), "smallest": series.number(smallest), "codes": some(zeros["territory"])}
            yield Problem(SUSPICIOUS_ZERO, _named(series, dataset, period) | values)


def all_multiples(series: Series) -> Iterator[Problem]:
    """Find counts that are all multiples of a number above 1."""
    for dataset, period, rows in series.parts():
        counts = rows.loc[rows["value"] > 0, "value"].to_numpy(dtype="float64")
        if (
            not series.is_count
            or len(counts) < ENOUGH
            or len(np.unique(counts)) < ENOUGH // 2
            or (counts % 1 != 0).any()
        ):
            continue
        divisor = math.gcd(*(int(count) for count in np.unique(counts)))
        if divisor > 1:
            values = {"n": Quantity(len(counts)), "k": Quantity(divisor)}
            yield Problem(ALL_MULTIPLES, _named(series, dataset, period) | values)


def precision_drops(series: Series) -> Iterator[Problem]:
    """Find years of a series that are written with fewer decimals than most of the others."""
    found: dict[str, dict[str, int]] = {}
    for dataset, period, rows in series.parts():
        found.setdefault(dataset, {})[period] = decimals(rows["value"])
    for dataset, places in found.items():
        usual = int(pd.Series(places).mode().max())
        for few in sorted({count for count in places.values() if count < usual}):
            periods = [period for period, count in places.items() if count == few]
            values = {"periods": periods, "few": Quantity(few), "many": Quantity(usual)}
            yield Problem(PRECISION_DROP, {"indicator": series.label, "dataset": dataset} | values)


def out_of_range(series: Series) -> Iterator[Problem]:
    """Find percentages outside 0-100 and counts below zero; progress against a plan may exceed 100 %."""
    definition = series.definition
    if definition is None or not (series.is_count or series.unit == "percent"):
        return
    open_ended = series.is_count or definition.polarity in {"delivery", "target"}
    highest = math.inf if open_ended else 100.0
    wrong = series.known[(series.known["value"] < 0) | (series.known["value"] > highest)]
    for (dataset, period), rows in wrong.groupby(["dataset", "period"]):
        values = {
            "n": Quantity(len(rows)), "unit": LocalText(**UNITS[series.unit].name), "codes": some(rows["territory"]),
            "lowest": series.number(rows["value"].min()), "highest": series.number(rows["value"].max()),
        }  # fmt: skip
        yield Problem(OUT_OF_RANGE, _named(series, str(dataset), str(period)) | values)


def fractions(series: Series) -> Iterator[Problem]:
    """Find percentages that never exceed 1: fractions under a wrong name."""
    for dataset, period, rows in series.parts():
        highest = rows["value"].max()
        if series.unit == "percent" and 0 < highest <= 1:
            yield Problem(FRACTIONS, _named(series, dataset, period) | {"highest": series.number(highest)})


def _named(series: Series, dataset: str, period: str) -> dict[str, object]:
    return {"indicator": series.label, "dataset": dataset, "period": period}
