"""Published results, computed again: what a reader may ask of every statistic before trusting it."""

from evalkit.verify.case import Case, Column, Figure, Gap
from evalkit.verify.checking import Row, Summary, check, summarise, verification_table
from evalkit.verify.reading import Reference
from evalkit.verify.registry import cases

__all__ = [
    "Case",
    "Column",
    "Figure",
    "Gap",
    "Reference",
    "Row",
    "Summary",
    "cases",
    "check",
    "summarise",
    "verification_table",
]
