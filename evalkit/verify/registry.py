"""The registry of published cases, by family."""

from __future__ import annotations

import functools

from evalkit.verify.case import Case


@functools.cache
def cases() -> tuple[Case, ...]:
    """Return every published case, in the order of the table; an id stands for one case only."""
    from evalkit.verify.families import (
        classics,
        decompositions,
        designs,
        differences,
        funnels,
        intervals,
        places,
        pooling,
        sensitivities,
        synthetics,
        tests_and_times,
        workbooks,
    )

    rooms = (
        intervals, workbooks, funnels, tests_and_times, differences, classics, decompositions, sensitivities, synthetics, designs,
        pooling, places,
    )  # fmt: skip
    found = tuple(case for room in rooms for case in room.CASES)
    if len({case.id for case in found}) < len(found):
        raise ValueError("two published cases have one id")
    return found
