"""From the warehouse's words to the charts': observations as points, comparators as spreads, plan levels as marks."""

from __future__ import annotations

from evalkit.charts import Comparator, Mark, Point, TrendData
from evalkit.model.indicator import Indicator
from evalkit.model.observation import WITH_VALUE, Observation
from evalkit.model.plan import Level
from evalkit.notebook.describing import label_of
from evalkit.notebook.reading import Reader
from evalkit.notebook.series import Group, Series, with_interval


def point(row: Observation, indicator: Indicator) -> Point:
    """Return an observation as a point of a chart, with its interval."""
    if row.status not in WITH_VALUE:
        return Point(row.period, None, row.status)
    full = with_interval(row, indicator)
    return Point(full.period, full.value, full.status, full.lower, full.upper)


def mark(level: Level | None) -> Mark | None:
    """Return a dated value of the plan as a mark; None when it has no value of its own."""
    return None if level is None or level.value is None else Mark(level.period, level.value)


def trend_data(reader: Reader, series: Series, groups: list[Group], lang: str) -> TrendData:
    """Return the data of a trend chart."""
    used = reader.plan.indicator(series.indicator.id)
    comparators = [
        Comparator.of(
            g.comparator.label.render(lang), {period: list(g.at(period)) for period in g.values}, len(g.members)
        )
        for g in groups
    ]
    shown = [row.period for row in series.rows]
    milestones = [] if used is None else [mark(level) for level in used.milestones]
    return TrendData(
        territory=reader.territory.name,
        measure=label_of(series.indicator, series.breakdown).render(lang),
        points=tuple(point(row, series.indicator) for row in series.rows),
        unit=series.indicator.unit,
        decimals=series.indicator.decimals,
        comparator=comparators[0] if comparators else None,
        reference=comparators[1] if len(comparators) > 1 else None,
        breaks=tuple(b.period for b in series.indicator.breaks if shown and shown[0] < b.period <= shown[-1]),
        baseline=None if used is None else mark(used.baseline),
        milestones=tuple(m for m in milestones if m is not None),
        target=None if used is None else mark(used.target),
        indicator=series.indicator.id,
    )
