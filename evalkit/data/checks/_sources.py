"""Several data sets that say they hold the same thing: wrong vintages, and values that disagree."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.data.checks._series import ENOUGH, Series, decimals
from evalkit.data.codes_warehouse import DISAGREE, WRONG_VINTAGE
from evalkit.errors import Problem
from evalkit.text import Quantity

_SAME = 0.95
_OTHER = 0.5
_VARIED = 10


def wrong_vintages(series: Series) -> Iterator[Problem]:
    """Find a period that holds another period's values: less than half its own, 95 % or more of another, in a preferred data set."""
    for reference, dataset in itertools.permutations(series.datasets(), 2):
        if not _may_judge(series, reference, dataset):
            continue
        mine, theirs = series.table(dataset), series.table(reference)
        places = min(decimals(pd.Series(table.to_numpy().ravel()).dropna()) for table in (mine, theirs))
        for period in mine.columns.intersection(theirs.columns):
            yield from _compare(series, dataset, reference, period, _equalities(mine[period], theirs, places))


def _may_judge(series: Series, reference: str, dataset: str) -> bool:
    """Only a data set that is preferred, or of the same rank, is a reference for another."""
    ranks = series.known.groupby("dataset")["priority"].min()
    return bool(ranks[reference] <= ranks[dataset])


def _equalities(mine: pd.Series, theirs: pd.DataFrame, places: int) -> pd.DataFrame:
    """For each period of the other data set: how many territories both have (`n`), and how many are equal after rounding."""
    rows = {}
    for other in theirs.columns:
        both = pd.concat([mine, theirs[other]], axis=1, keys=["mine", "theirs"]).dropna().round(places)
        equal = both["mine"] == both["theirs"]
        varied = both["mine"].nunique() >= min(_VARIED, ENOUGH // 2)
        rows[other] = {"n": len(both), "equal": int(equal.sum()) if varied else 0}
    found = pd.DataFrame.from_dict(rows, orient="index")
    return found.assign(share=found["equal"] / found["n"].where(found["n"] >= ENOUGH))


def _compare(series: Series, dataset: str, reference: str, period: str, equalities: pd.DataFrame) -> Iterator[Problem]:
    own = equalities.loc[[period]].iloc[0]
    others = equalities.drop(index=period).dropna()
    if others.empty or not own["share"] < _OTHER:
        return
    other = str(others["share"].idxmax())
    best = others.loc[[other]].iloc[0]
    if best["share"] >= _SAME:
        values = {
            "indicator": series.label, "dataset": dataset, "period": period, "reference": reference, "other": other,
            "equal": Quantity(float(best["equal"])), "n": Quantity(float(best["n"])), "own": Quantity(float(own["equal"])),
        }  # fmt: skip
        yield Problem(WRONG_VINTAGE, values)


def disagreements(series: Series) -> Iterator[Problem]:
    """Find the same key in two data sets with values that differ by more than the rounding of the coarser one."""
    for reference, dataset in itertools.combinations(series.datasets(), 2):
        mine, theirs = series.table(dataset), series.table(reference)
        for period in mine.columns.intersection(theirs.columns):
            both = pd.concat([mine[period], theirs[period]], axis=1, keys=["mine", "theirs"]).dropna()
            if both.empty:
                continue
            step = 10.0 ** -min(decimals(both["mine"]), decimals(both["theirs"]))
            gaps = (both["mine"] - both["theirs"]).abs()
            wrong = gaps[gaps > step * 0.500001 + np.finfo(float).eps]
            if len(wrong):
                yield _disagreement(series, dataset, reference, period, both, str(wrong.idxmax()), len(wrong))


def _disagreement(
    series: Series, dataset: str, reference: str, period: str, both: pd.DataFrame, worst: str, count: int
) -> Problem:
    values = {
        "indicator": series.label, "period": period, "dataset": dataset, "reference": reference,
        "n": Quantity(count), "total": Quantity(len(both)), "territory": worst,
        "first": series.number(float(both["mine"][worst])), "second": series.number(float(both["theirs"][worst])),
    }  # fmt: skip
    return Problem(DISAGREE, values)
