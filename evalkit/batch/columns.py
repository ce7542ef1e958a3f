"""The indicators that a portfolio shows: values, statuses, small lines, and how much a territory usually moves."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evalkit.catalogue import load_catalogue
from evalkit.data.deflate import deflate
from evalkit.data.secrecy import apply_disclosure
from evalkit.model.indicator import Indicator
from evalkit.model.observation import NO_BREAKDOWN, WITH_VALUE
from evalkit.model.plan import EvaluationPlan
from evalkit.notebook.series import with_interval
from evalkit.notebook.slices import observations
from evalkit.report import PortfolioColumn
from evalkit.text import UNITS

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.warehouse import Warehouse

_COLUMNS = 2
_ENOUGH_CHANGES = 30


def populations(plan: EvaluationPlan, warehouse: Warehouse, codes: Sequence[str]) -> dict[str, float]:
    """Return the latest published population of each territory."""
    frame = _read(plan, warehouse, "de_pop", NO_BREAKDOWN, codes)
    known = frame[frame["status"].isin(WITH_VALUE)].sort_values(["territory", "period"])
    last = known.drop_duplicates("territory", keep="last")
    return dict(zip(last["territory"], last["value"].astype(float), strict=True))


def _read(
    plan: EvaluationPlan, warehouse: Warehouse, indicator: str, breakdown: str, codes: Sequence[str]
) -> pd.DataFrame:
    frame = warehouse.observations(
        indicators=[indicator],
        breakdowns=[breakdown],
        level=plan.territories.level,
        geography=plan.territories.geography,
        territories=list(codes),
        sources=plan.sources,
    )
    return apply_disclosure(frame, load_catalogue(), plan.disclosure)


def indicator_columns(plan: EvaluationPlan, warehouse: Warehouse, codes: Sequence[str]) -> list[Any]:
    """Return, for the first primary indicators that have values, what makes a column in a language."""
    found: list[Any] = []
    for used in plan.indicators:
        if (
            used.role != "primary"
            or len(found) == _COLUMNS
            or plan.territories.level not in load_catalogue()[used.id].levels
        ):
            continue
        frame = _read(plan, warehouse, used.id, used.breakdowns[0], codes).sort_values(["territory", "period"])
        if used.prices is not None and used.prices.year is not None:
            frame = deflate(frame, base=used.prices.year, deflator=used.prices.deflator)
        published = frame[frame["status"].isin(WITH_VALUE)]
        if not published.empty:
            found.append(_column(used.id, frame, _best_period(published, len(codes)), with_line=not found))
    return found


def usual_change(published: pd.DataFrame, indicator: Indicator) -> float | None:
    """Return by how much a territory usually moves from one period to the next, all moving alike put aside (standard deviation).

    Changes that cross a declared break are left out; None when fewer than 30 changes are left.
    """
    table = published.pivot_table(index="territory", columns="period", values="value", aggfunc="first").sort_index(
        axis=1
    )
    periods = list(table.columns)
    steps = [
        table[b] - table[a] for a, b in itertools.pairwise(periods) if not indicator.breaks_between(str(a), str(b))
    ]
    changes = [step.dropna() - step.dropna().mean() for step in steps]
    number = sum(len(step) for step in changes)
    degrees = number - sum(1 for step in changes if len(step))
    if number < _ENOUGH_CHANGES:
        return None
    return float((sum(float((step**2).sum()) for step in changes) / degrees) ** 0.5)


def _best_period(published: pd.DataFrame, total: int) -> str:
    """Return the latest period with at least nine territories in ten published, else the best covered."""
    counts = published.groupby("period")["territory"].nunique().sort_index()
    full = counts[counts >= 0.9 * total]
    return str(full.index[-1] if len(full) else counts.idxmax())


def _column(id: str, frame: pd.DataFrame, period: str, *, with_line: bool) -> Any:
    indicator = load_catalogue()[id]
    noise = usual_change(frame[frame["status"].isin(WITH_VALUE)], indicator)
    here = frame[frame["period"] == period]
    known = here[here["status"].isin(WITH_VALUE)]
    intervals = _intervals(known, indicator)
    periods = sorted(frame["period"].unique())
    series = {
        str(code): tuple(
            None if value != value else float(value) for value in part.set_index("period")["value"].reindex(periods)
        )
        for code, part in frame.groupby("territory", sort=True)
    }

    def in_language(lang: str) -> PortfolioColumn:
        return PortfolioColumn(
            id=id,
            label=indicator.short_label.render(lang),
            title=indicator.label.render(lang),
            period=period,
            unit=indicator.unit,
            sign=indicator.sign,
            values=dict(zip(known["territory"], known["value"].astype(float), strict=True)),
            decimals=indicator.decimals if not UNITS[indicator.unit].is_money else 0,
            statuses=dict(zip(here["territory"], here["status"], strict=True)),
            series=series if with_line and len(periods) > 2 else {},
            series_label=f"{periods[0]}-{periods[-1]}",
            intervals=intervals,
            noise=noise,
        )

    return in_language


def _intervals(known: pd.DataFrame, indicator: Indicator) -> dict[str, tuple[float, float]]:
    """Return the bounds of the values that were published with an interval, or whose counts give one."""
    rows = (with_interval(row, indicator) for row in observations(known))
    return {row.territory: (row.lower, row.upper) for row in rows if row.lower is not None and row.upper is not None}
