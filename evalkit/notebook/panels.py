"""The panel behind a causal estimate: treated territories and those they are compared with, period by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from evalkit.catalogue import Catalogue
from evalkit.model.indicator import Indicator
from evalkit.model.observation import WITH_VALUE
from evalkit.model.plan import EvaluationPlan
from evalkit.notebook.designs import Asked
from evalkit.text import UNITS, change_unit

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.warehouse import Warehouse

UNIT, TIME, FIRST, OUTCOME, STATUS = "territory", "step", "first", "value", "status"
COUNTS = ("in_menages", "de_pop")
"""Indicators that say how many households or persons live in a place, the first that is known being used."""


class Columns(TypedDict):
    """The columns that the estimators of effects ask for."""

    outcome: str
    unit: str
    time: str
    first_treated: str


COLUMNS: Columns = {"outcome": OUTCOME, "unit": UNIT, "time": TIME, "first_treated": FIRST}


@dataclass(frozen=True)
class Panel:
    """One row per territory and period: `step` numbers the periods, `first` is the first treated step (missing when never treated).

    `counts` has the number of households (or persons) of the treated, by year; `away` the distance in metres from each territory to the
    nearest treated one (0 inside, missing where it is not known).
    """

    asked: Asked
    indicator: Indicator
    frame: pd.DataFrame
    periods: tuple[str, ...]
    since: Mapping[str, int]
    others: tuple[str, ...]
    counts: pd.DataFrame
    away: Mapping[str, float]

    @property
    def unit(self) -> str:
        """Return the unit of an effect."""
        return change_unit(self.indicator.unit)

    @property
    def columns(self) -> Columns:
        """Return the names of the columns, as the estimators of effects ask for them."""
        return COLUMNS

    @property
    def treated(self) -> tuple[str, ...]:
        """Return the treated territories that have a row."""
        return tuple(sorted(self.frame.loc[self.frame[FIRST].notna(), UNIT].unique()))

    def step_of(self, year: int) -> int:
        """Return the number of the first period that is not before a year."""
        return sum(1 for period in self.periods if int(period[:4]) < year)


def read_panel(
    plan: EvaluationPlan,
    warehouse: Warehouse,
    catalogue: Catalogue,
    asked: Asked,
    since: Mapping[str, int],
    others: Sequence[str],
) -> Panel:
    """Read the panel of an estimate, as readers may see it: disclosure rule and prices applied, secret values empty."""
    indicator = catalogue[asked.indicator]
    codes = sorted({*since, *others})
    rows = read_rows(plan, warehouse, catalogue, asked.indicator, codes)
    rows = rows[(rows["breakdown"] == asked.breakdown) & rows["period"].between(asked.start, asked.end)]
    frame, periods = stepped(rows, since)
    return Panel(
        asked, indicator, frame, periods, since, tuple(others), _counts(plan, warehouse, catalogue, sorted(since)),
        _distances(plan, warehouse, codes, since),
    )  # fmt: skip


def stepped(rows: pd.DataFrame, since: Mapping[str, int]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the panel of observations, and its periods in order: those in which at least one value is published."""
    known = rows["status"].isin(list(WITH_VALUE))
    periods = tuple(sorted(str(period) for period in rows.loc[known, "period"].unique()))
    frame = rows.loc[rows["period"].isin(periods), [UNIT, "period", OUTCOME, STATUS]].copy()
    number = {period: step for step, period in enumerate(periods)}
    years = [int(period[:4]) for period in periods]
    first = {code: sum(1 for one in years if one < year) for code, year in since.items()}
    frame[TIME] = frame["period"].map(number).astype("int64")
    frame[FIRST] = frame[UNIT].map(first).astype("float64")
    frame[OUTCOME] = frame[OUTCOME].astype("float64")
    return frame.sort_values([UNIT, TIME], ignore_index=True), periods


def read_rows(
    plan: EvaluationPlan, warehouse: Warehouse, catalogue: Catalogue, id: str, codes: Sequence[str]
) -> pd.DataFrame:
    """Return the observations of an indicator for some territories of the plan's level, disclosure rule and prices applied."""
    from evalkit.data.secrecy import apply_disclosure

    place = plan.territories
    frame = warehouse.observations(
        indicators=[id], level=place.level, geography=place.geography, territories=list(codes), sources=plan.sources
    )
    shown = apply_disclosure(frame, catalogue, plan.disclosure).sort_values([UNIT, "period"], kind="stable")
    used = plan.indicator(id)
    prices = used.prices if used is not None and UNITS[catalogue[id].unit].is_money else None
    if prices is None or prices.year is None or shown.empty:
        return shown
    from evalkit.data.deflate import deflate

    return deflate(shown, base=prices.year, deflator=prices.deflator)


def _counts(plan: EvaluationPlan, warehouse: Warehouse, catalogue: Catalogue, codes: Sequence[str]) -> pd.DataFrame:
    rows = read_rows(plan, warehouse, catalogue, COUNTS[0], codes)
    for other in COUNTS[1:]:
        if rows["status"].isin(list(WITH_VALUE)).any():
            break
        rows = read_rows(plan, warehouse, catalogue, other, codes)
    whole = rows[rows["breakdown"] == "none"]
    year = whole["period"].str.slice(0, 4).astype("int64")
    return whole.assign(year=year)[[UNIT, "year", OUTCOME]].drop_duplicates([UNIT, "year"], ignore_index=True)


def _distances(
    plan: EvaluationPlan, warehouse: Warehouse, codes: Sequence[str], since: Mapping[str, int]
) -> dict[str, float]:
    """Return how far each territory lies from the nearest treated one, on the sphere, from centre to centre."""
    import numpy as np

    place = plan.territories
    rows = warehouse.territories(place.level, place.geography, list(codes), geometry=False)
    rows = rows[rows["longitude"].notna() & rows["latitude"].notna()]
    treated = rows["code"].isin(list(since)).to_numpy()
    if not treated.any():
        return {}
    points = np.radians(rows[["latitude", "longitude"]].to_numpy(dtype=np.float64))
    found = dict.fromkeys(rows.loc[treated, "code"], 0.0)
    inside = points[treated]
    for code, (latitude, longitude) in zip(rows.loc[~treated, "code"], points[~treated], strict=True):
        half = np.sin((inside[:, 0] - latitude) / 2) ** 2
        half += np.cos(latitude) * np.cos(inside[:, 0]) * np.sin((inside[:, 1] - longitude) / 2) ** 2
        found[code] = round(float(2 * 6_371_000 * np.arcsin(np.sqrt(half.min()))), 1)
    return {str(code): found[code] for code in sorted(found)}
