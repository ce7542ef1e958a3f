"""Charts: plain data in, `evalkit.model.figure.Figure` out. Every figure has its text alternative and its data table."""

from evalkit.charts import alt
from evalkit.charts.change import before_after
from evalkit.charts.delivery import delivery
from evalkit.charts.families import families
from evalkit.charts.figures import with_alt
from evalkit.charts.inputs import Captions, ChangeData, Comparator, Mark, Point, Spread, TrendData
from evalkit.charts.locator import locator
from evalkit.charts.outcomes import outcomes
from evalkit.charts.plain import plain_table
from evalkit.charts.programme_inputs import (
    DeliveryData,
    DeliveryRow,
    LocatorData,
    OutcomeRow,
    OutcomesData,
    ShareRow,
    SharesData,
    SurvivalData,
    SurvivalGroup,
)
from evalkit.charts.reading import READINGS, read_position
from evalkit.charts.spine import sparkline_cell, spine_cell
from evalkit.charts.style import CHART_CSS
from evalkit.charts.survival import survival
from evalkit.charts.svg import to_svg
from evalkit.charts.table import IndicatorRow, indicator_table, reading_html
from evalkit.charts.trend import trend

__all__ = [
    "CHART_CSS",
    "READINGS",
    "Captions",
    "ChangeData",
    "Comparator",
    "DeliveryData",
    "DeliveryRow",
    "IndicatorRow",
    "LocatorData",
    "Mark",
    "OutcomeRow",
    "OutcomesData",
    "Point",
    "ShareRow",
    "SharesData",
    "Spread",
    "SurvivalData",
    "SurvivalGroup",
    "TrendData",
    "alt",
    "before_after",
    "delivery",
    "families",
    "indicator_table",
    "locator",
    "outcomes",
    "plain_table",
    "read_position",
    "reading_html",
    "sparkline_cell",
    "spine_cell",
    "survival",
    "to_svg",
    "trend",
    "with_alt",
]
