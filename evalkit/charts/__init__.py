"""Charts: plain data in, `evalkit.model.figure.Figure` out. Every figure has its text alternative and its data table.

Each chart is one function `chart(figure_id, data, captions, *, lang, alt="")` and has its record of data and its text `alt.chart(data, lang)`:

- `trend` (TrendData), `before_after` (ChangeData), `outcomes` (OutcomesData): one territory over time;
- `event_study` (EventData.of(estimate, ...)), `gap` (GapData.of(estimate, ..., placebos={label: gaps})), `discontinuity`
  (DiscontinuityData.of(estimate, running, outcome, ...)), `forest` (ForestData.of(rows, pooled, ...)): what a design finds;
- `funnel` (FunnelData.of(estimate, points, ...)), `strip` (StripData), `choropleth` (MapData), `locator` (LocatorData): many territories;
- `delivery` (DeliveryData), `waterfall` (WaterfallData), `families` (SharesData), `survival` (SurvivalData): a programme;
- `indicator_table`, `spine_cell`, `sparkline_cell`: small pictures in the rows of a table.
"""

from evalkit.charts import alt
from evalkit.charts.change import before_after
from evalkit.charts.choropleth import choropleth
from evalkit.charts.delivery import delivery
from evalkit.charts.design_inputs import EventData, ForestData, ForestRow, GapData, Path
from evalkit.charts.discontinuity import discontinuity
from evalkit.charts.event import event_study
from evalkit.charts.families import families
from evalkit.charts.figures import with_alt
from evalkit.charts.forest import forest
from evalkit.charts.funnel import funnel
from evalkit.charts.gap import gap
from evalkit.charts.inputs import Captions, ChangeData, Comparator, Mark, Point, Spread, TrendData
from evalkit.charts.locator import locator
from evalkit.charts.outcomes import outcomes
from evalkit.charts.place_inputs import (
    Area,
    FunnelData,
    FunnelLimit,
    FunnelPoint,
    MapData,
    StripData,
    StripRow,
    WaterfallData,
    WaterfallStep,
)
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
from evalkit.charts.strip import strip
from evalkit.charts.style import CHART_CSS
from evalkit.charts.survival import survival
from evalkit.charts.svg import to_svg
from evalkit.charts.table import IndicatorRow, indicator_table, reading_html
from evalkit.charts.threshold_inputs import Bin, DiscontinuityData
from evalkit.charts.trend import trend
from evalkit.charts.waterfall import waterfall

__all__ = [
    "CHART_CSS",
    "READINGS",
    "Area",
    "Bin",
    "Captions",
    "ChangeData",
    "Comparator",
    "DeliveryData",
    "DeliveryRow",
    "DiscontinuityData",
    "EventData",
    "ForestData",
    "ForestRow",
    "FunnelData",
    "FunnelLimit",
    "FunnelPoint",
    "GapData",
    "IndicatorRow",
    "LocatorData",
    "MapData",
    "Mark",
    "OutcomeRow",
    "OutcomesData",
    "Path",
    "Point",
    "ShareRow",
    "SharesData",
    "Spread",
    "StripData",
    "StripRow",
    "SurvivalData",
    "SurvivalGroup",
    "TrendData",
    "WaterfallData",
    "WaterfallStep",
    "alt",
    "before_after",
    "choropleth",
    "delivery",
    "discontinuity",
    "event_study",
    "families",
    "forest",
    "funnel",
    "gap",
    "indicator_table",
    "locator",
    "outcomes",
    "plain_table",
    "read_position",
    "reading_html",
    "sparkline_cell",
    "spine_cell",
    "strip",
    "survival",
    "to_svg",
    "trend",
    "waterfall",
    "with_alt",
]
