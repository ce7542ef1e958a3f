"""What a plan means, checked against itself, the catalogue and the warehouse: every problem at once."""

from evalkit.plan.checks.comparators import check_comparators
from evalkit.plan.checks.criteria import check_criteria
from evalkit.plan.checks.designs import check_designs
from evalkit.plan.checks.held import check_held, check_values
from evalkit.plan.checks.indicators import check_indicators
from evalkit.plan.checks.names import check_names
from evalkit.plan.checks.recommendations import check_recommendations
from evalkit.plan.checks.rules import check_rules
from evalkit.plan.checks.theory import check_theory

__all__ = [
    "check_comparators",
    "check_criteria",
    "check_designs",
    "check_held",
    "check_indicators",
    "check_names",
    "check_recommendations",
    "check_rules",
    "check_theory",
    "check_values",
]
