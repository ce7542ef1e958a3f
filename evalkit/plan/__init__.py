"""The evaluation plan: what the evaluator writes, read strictly, checked at once, and what it selects and judges."""

from evalkit.plan.intervals import crosses_line_safe
from evalkit.plan.judging import judge, lines_of
from evalkit.plan.levels import counted_from_records
from evalkit.plan.loading import check_plan, load_plan
from evalkit.plan.members import Members, comparator_members, resolve_territories
from evalkit.plan.rules import parse_rule
from evalkit.plan.sentences import rule_sentence
from evalkit.plan.spans import usable_spans
from evalkit.plan.summary import plan_summary

__all__ = [
    "Members",
    "check_plan",
    "comparator_members",
    "counted_from_records",
    "crosses_line_safe",
    "judge",
    "lines_of",
    "load_plan",
    "parse_rule",
    "plan_summary",
    "resolve_territories",
    "rule_sentence",
    "usable_spans",
]
