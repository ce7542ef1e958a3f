"""Checks as objects: one function per doubt, each with a verdict (passed, failed, cannot be told), a sentence and a table."""

from evalkit.stats.checks.grading import checks_for, grade
from evalkit.stats.checks.groups import check_balance, check_overlap
from evalkit.stats.checks.people import check_composition
from evalkit.stats.checks.robust import check_donors, check_influence, check_spillover
from evalkit.stats.checks.threshold import check_density, check_placebo_threshold
from evalkit.stats.checks.timing import check_placebo_date, check_pre_trends

__all__ = [
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
    "grade",
]
