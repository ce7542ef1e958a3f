"""Statistics as pure functions: frames or arrays in, `Estimate` out; no file is read, no chart is drawn.

The names load when they are first used, so that importing this room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalkit.stats.changes import change_against_comparators
    from evalkit.stats.cost import cost_effectiveness
    from evalkit.stats.decomposition import bacon
    from evalkit.stats.differences import did, event_study
    from evalkit.stats.discontinuity import regression_discontinuity
    from evalkit.stats.durations import survival
    from evalkit.stats.funnel import funnel_limits
    from evalkit.stats.inequality import segregation
    from evalkit.stats.intervals import difference_of_proportions, proportion_interval, rate_interval, standardised_rate
    from evalkit.stats.matching import match
    from evalkit.stats.medians import median_interval
    from evalkit.stats.multiplicity import adjust
    from evalkit.stats.pooling import pool
    from evalkit.stats.power import minimum_detectable_effect
    from evalkit.stats.robustness import sensitivity
    from evalkit.stats.series import interrupted_time_series
    from evalkit.stats.shrinkage import shrink
    from evalkit.stats.slopes import slope_index
    from evalkit.stats.small_areas import small_area
    from evalkit.stats.spatial import moran, spillover
    from evalkit.stats.synthetic import synthetic_control
    from evalkit.stats.synthetic_differences import synthetic_did
    from evalkit.stats.trends import trend

_HOME = {
    "adjust": "multiplicity",
    "bacon": "decomposition",
    "change_against_comparators": "changes",
    "cost_effectiveness": "cost",
    "did": "differences",
    "difference_of_proportions": "intervals",
    "event_study": "differences",
    "funnel_limits": "funnel",
    "interrupted_time_series": "series",
    "match": "matching",
    "median_interval": "medians",
    "minimum_detectable_effect": "power",
    "moran": "spatial",
    "pool": "pooling",
    "proportion_interval": "intervals",
    "rate_interval": "intervals",
    "regression_discontinuity": "discontinuity",
    "segregation": "inequality",
    "sensitivity": "robustness",
    "shrink": "shrinkage",
    "slope_index": "slopes",
    "small_area": "small_areas",
    "spillover": "spatial",
    "standardised_rate": "intervals",
    "survival": "durations",
    "synthetic_control": "synthetic",
    "synthetic_did": "synthetic_differences",
    "trend": "trends",
}

__all__ = [
    "adjust",
    "bacon",
    "change_against_comparators",
    "cost_effectiveness",
    "did",
    "difference_of_proportions",
    "event_study",
    "funnel_limits",
    "interrupted_time_series",
    "match",
    "median_interval",
    "minimum_detectable_effect",
    "moran",
    "pool",
    "proportion_interval",
    "rate_interval",
    "regression_discontinuity",
    "segregation",
    "sensitivity",
    "shrink",
    "slope_index",
    "small_area",
    "spillover",
    "standardised_rate",
    "survival",
    "synthetic_control",
    "synthetic_did",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"evalkit.stats.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
