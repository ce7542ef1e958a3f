"""Statistics as pure functions: frames or arrays in, `Estimate` out; no file is read, no chart is drawn.

The names load when they are first used, so that importing this room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evalkit.stats.breakdown import breakdown_value
    from evalkit.stats.changes import change_against_comparators
    from evalkit.stats.checks import (
        check_balance,
        check_composition,
        check_density,
        check_donors,
        check_influence,
        check_overlap,
        check_placebo_date,
        check_placebo_threshold,
        check_pre_trends,
        check_spillover,
        checks_for,
        grade,
    )
    from evalkit.stats.clusters import linear_regression
    from evalkit.stats.cost import cost_effectiveness
    from evalkit.stats.decomposition import bacon
    from evalkit.stats.density import density_test
    from evalkit.stats.differences import did, event_study
    from evalkit.stats.discontinuity import regression_discontinuity
    from evalkit.stats.durations import survival
    from evalkit.stats.familywise import romano_wolf
    from evalkit.stats.funnel import funnel_limits
    from evalkit.stats.inequality import segregation
    from evalkit.stats.intervals import difference_of_proportions, proportion_interval, rate_interval
    from evalkit.stats.ladder import evidence_ladder
    from evalkit.stats.local_association import geary, local_moran
    from evalkit.stats.matching import match
    from evalkit.stats.means import mean_interval
    from evalkit.stats.medians import median_interval
    from evalkit.stats.multiplicity import adjust
    from evalkit.stats.nulls import equivalence, null_statement
    from evalkit.stats.pooling import pool
    from evalkit.stats.power import minimum_detectable_effect
    from evalkit.stats.programme import synthetic_control_programme, synthetic_did_programme
    from evalkit.stats.rings import spillover
    from evalkit.stats.robustness import sensitivity
    from evalkit.stats.series import interrupted_time_series
    from evalkit.stats.shrinkage import shrink
    from evalkit.stats.slopes import slope_index
    from evalkit.stats.small_areas import small_area
    from evalkit.stats.small_studies import egger
    from evalkit.stats.spatial import moran
    from evalkit.stats.stacked import stacked_did
    from evalkit.stats.standardisation import standardised_rate
    from evalkit.stats.synthetic import synthetic_control
    from evalkit.stats.synthetic_differences import synthetic_did
    from evalkit.stats.trends import trend

_HOME = {
    "adjust": "multiplicity",
    "bacon": "decomposition",
    "breakdown_value": "breakdown",
    "change_against_comparators": "changes",
    "check_balance": "checks",
    "check_composition": "checks",
    "check_density": "checks",
    "check_donors": "checks",
    "check_influence": "checks",
    "check_overlap": "checks",
    "check_placebo_date": "checks",
    "check_placebo_threshold": "checks",
    "check_pre_trends": "checks",
    "check_spillover": "checks",
    "checks_for": "checks",
    "cost_effectiveness": "cost",
    "density_test": "density",
    "did": "differences",
    "difference_of_proportions": "intervals",
    "egger": "small_studies",
    "equivalence": "nulls",
    "event_study": "differences",
    "evidence_ladder": "ladder",
    "funnel_limits": "funnel",
    "geary": "local_association",
    "grade": "checks",
    "interrupted_time_series": "series",
    "linear_regression": "clusters",
    "local_moran": "local_association",
    "match": "matching",
    "mean_interval": "means",
    "median_interval": "medians",
    "minimum_detectable_effect": "power",
    "moran": "spatial",
    "null_statement": "nulls",
    "pool": "pooling",
    "proportion_interval": "intervals",
    "rate_interval": "intervals",
    "regression_discontinuity": "discontinuity",
    "romano_wolf": "familywise",
    "segregation": "inequality",
    "sensitivity": "robustness",
    "shrink": "shrinkage",
    "slope_index": "slopes",
    "small_area": "small_areas",
    "spillover": "rings",
    "stacked_did": "stacked",
    "standardised_rate": "standardisation",
    "survival": "durations",
    "synthetic_control": "synthetic",
    "synthetic_control_programme": "programme",
    "synthetic_did": "synthetic_differences",
    "synthetic_did_programme": "programme",
    "trend": "trends",
}

__all__ = [
    "adjust",
    "bacon",
    "breakdown_value",
    "change_against_comparators",
    "check_balance",
    "check_composition",
    "check_density",
    "check_donors",
    "check_influence",
    "check_overlap",
    "check_placebo_date",
    "check_placebo_threshold",
    "check_pre_trends",
    "check_spillover",
    "checks_for",
    "cost_effectiveness",
    "density_test",
    "did",
    "difference_of_proportions",
    "egger",
    "equivalence",
    "event_study",
    "evidence_ladder",
    "funnel_limits",
    "geary",
    "grade",
    "interrupted_time_series",
    "linear_regression",
    "local_moran",
    "match",
    "mean_interval",
    "median_interval",
    "minimum_detectable_effect",
    "moran",
    "null_statement",
    "pool",
    "proportion_interval",
    "rate_interval",
    "regression_discontinuity",
    "romano_wolf",
    "segregation",
    "sensitivity",
    "shrink",
    "slope_index",
    "small_area",
    "spillover",
    "stacked_did",
    "standardised_rate",
    "survival",
    "synthetic_control",
    "synthetic_control_programme",
    "synthetic_did",
    "synthetic_did_programme",
    "trend",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"evalkit.stats.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
