"""The periods that a plan looks at, and the year in whose euros amounts are said when the plan does not choose one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalkit.plan.schema import PlanSections

_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}(?![0-9])")


def price_year(sections: PlanSections) -> int | None:
    """Return the year of constant prices by default: the last period that the plan reads from the data.

    Designs, baselines and the `reference_period` of templates name such periods; milestones and targets lie ahead and
    do not count. Without any, the year of `data_as_of`, else the year in which the programme starts.
    """
    years = [int(period[:4]) for period in _periods_read(sections) if _YEAR.match(period)]
    if years:
        return max(years)
    if sections.data_as_of is not None:
        return sections.data_as_of.year
    return None if sections.programme is None else sections.programme.start


def _periods_read(sections: PlanSections) -> Iterator[str]:
    for question in sections.questions:
        for criterion in question.criteria:
            yield from (period for period in (criterion.design.start, criterion.design.end) if period)
    for item in sections.indicators or ():
        if item.baseline is not None:
            yield item.baseline.period
    for template in sections.templates or ():
        reference = template.parameters.get("reference_period")
        if isinstance(reference, int | str):
            yield str(reference)
