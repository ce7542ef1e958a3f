"""Measured values: counts with noise, the disclosure rule, the gaps, and the rows of the warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.data.delivery import OBSERVATION_COLUMNS, frame
from evalkit.data.demo import settings as s
from evalkit.data.demo.codes import LEFT_OUT
from evalkit.data.demo.settings import Flags, Floats
from evalkit.model.observation import NO_BREAKDOWN

STATUS = ("published", "secret", "missing", "not_applicable")
_PUBLISHED, _SECRET, _MISSING, _NOT_APPLICABLE = range(4)
States = NDArray[np.int8]


@dataclass(frozen=True)
class Measure:
    """One indicator at one level: places in rows, `periods` in columns. `value` is what is shown, NaN where there is nothing.

    A proportion has `numerator` and `denominator` (counts); `n` counts the units behind a median; `status` follows `STATUS`.
    """

    indicator: str
    level: str
    periods: tuple[int, ...]
    value: Floats
    breakdown: str = NO_BREAKDOWN
    numerator: Floats | None = None
    denominator: Floats | None = None
    n: Floats | None = None
    status: States | None = None


def noisy(random: np.random.Generator, share: Floats, total: Floats) -> Floats:
    """Return a measured count: the expected one, with half of the binomial noise, rounded, between zero and the total."""
    share = np.clip(share, 0, 1)
    spread = s.NOISE * np.sqrt(total * share * (1 - share))
    return np.clip(np.rint(share * total + spread * random.standard_normal(total.shape)), 0, total)


def proportion(
    indicator: str,
    level: str,
    periods: tuple[int, ...],
    numerator: Floats,
    denominator: Floats,
    breakdown: str = NO_BREAKDOWN,
) -> Measure:
    """Return a percentage with its counts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 100 * numerator / denominator
    return Measure(indicator, level, periods, value, breakdown, numerator, denominator)


def count(indicator: str, level: str, periods: tuple[int, ...], value: Floats) -> Measure:
    """Return a count."""
    return Measure(indicator, level, periods, value)


def protect(measure: Measure) -> Measure:
    """Make secret what rests on too few units (11, or 3 structures): a numerator, its complement, a count; a median under 50 households.

    A share of nothing is not applicable; the quantities of public works are never secret.
    """
    measure = _without(measure, np.isnan(measure.value), _NOT_APPLICABLE)
    limit = s.SECRET_BELOW_BY_INDICATOR.get(measure.indicator, s.SECRET_BELOW)
    if measure.denominator is not None and measure.numerator is not None:
        small = np.minimum(measure.numerator, measure.denominator - measure.numerator) < limit
    elif measure.n is not None:
        small = measure.n < s.MEDIAN_NEEDS
    else:
        small = measure.value < limit
    return _without(measure, np.asarray(small), _SECRET)


def leave_gaps(random: np.random.Generator, measure: Measure) -> Measure:
    """Leave out one value in a hundred at random: missing, whatever the value was."""
    return _without(measure, random.random(measure.value.shape) < s.MISSING_SHARE, _MISSING)


def _without(measure: Measure, where: Flags, status: int) -> Measure:
    before = np.zeros(measure.value.shape, dtype=np.int8) if measure.status is None else measure.status
    state = np.where(where & (before == _PUBLISHED), np.int8(status), before)
    shown = state == _PUBLISHED

    def kept(part: Floats | None) -> Floats | None:
        return None if part is None else np.where(shown, part, np.nan)

    return replace(
        measure,
        value=np.where(shown, measure.value, np.nan),
        status=state,
        numerator=kept(measure.numerator),
        denominator=kept(measure.denominator),
        n=kept(measure.n),
    )


def rows(measures: Sequence[Measure], codes: dict[str, tuple[str, ...]], sha256: str) -> pd.DataFrame:
    """Return the measures as rows of the warehouse: one per place, period and breakdown, sorted by measure, then place."""
    sizes = [measure.value.size for measure in measures]
    places = [code for level in sorted(codes) for code in codes[level]]
    start = dict(zip(sorted(codes), np.cumsum([0, *(len(codes[level]) for level in sorted(codes))]), strict=False))
    place = [np.repeat(np.arange(len(m.value)) + start[m.level], len(m.periods)) for m in measures]
    years = sorted({period for m in measures for period in m.periods})
    year = [np.tile(np.searchsorted(years, m.periods), len(m.value)) for m in measures]
    states = np.concatenate(
        [np.zeros(m.value.size, np.int8) if m.status is None else m.status.ravel() for m in measures]
    )
    total = len(states)
    data: dict[str, object] = {
        "territory": _texts(np.concatenate(place), places),
        "period": _texts(np.concatenate(year), [str(item) for item in years]),
        "status": _texts(states, STATUS),
        "note": _texts(np.where(states == _MISSING, 0, -1), (LEFT_OUT.id,)),
    }
    for name in ("level", "indicator", "breakdown"):
        labels = sorted({str(getattr(m, name)) for m in measures})
        data[name] = _texts(np.repeat([labels.index(getattr(m, name)) for m in measures], sizes), labels)
    for name in ("value", "numerator", "denominator", "n"):
        data[name] = np.concatenate([_numbers(m, name) for m in measures])
    for name, text in (
        ("geography", s.GEOGRAPHY),
        ("source", s.DATASET),
        ("vintage", s.VINTAGE),
        ("file_sha256", sha256),
    ):
        data[name] = _texts(np.zeros(total, np.int8), (text,))
    for name in ("lower", "upper", "confidence"):
        data[name] = np.full(total, np.nan)
    return frame(OBSERVATION_COLUMNS, data)


def _numbers(measure: Measure, name: str) -> Floats:
    part = getattr(measure, name)
    return np.full(measure.value.size, np.nan) if part is None else np.asarray(part, dtype=np.float64).ravel()


def _texts(index: NDArray[np.int8] | NDArray[np.int64], labels: Sequence[str]) -> pd.Series:
    """Return one text per position (none for -1), built once per label however long the column is."""
    return pd.Series(pd.array(list(labels), dtype="str").take(index, allow_fill=True))
