"""What every answer of the statistics must be: numbers that exist, checks that speak, or a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from evalkit.errors import StatsError
from evalkit.model.estimate import Check, Estimate


def answer_or_reason(call: Callable[[], Any]) -> tuple[Any, str | None]:
    """The answer, or the last digits of the code of the refusal, which has its French."""
    try:
        return call(), None
    except StatsError as problem:
        if problem.render("fr") == problem.render("en"):
            raise
        return None, problem.problems[0].code.id[-3:]


def number(value):
    assert value is None or np.isfinite(value)


def clean(answer):
    tables = []
    if isinstance(answer, Estimate):
        for value in (answer.value, answer.se, answer.lower, answer.upper, answer.p_value):
            number(value)
        assert answer.se is None or answer.se >= 0
        assert answer.p_value is None or 0 <= answer.p_value <= 1
        assert answer.lower is None or answer.upper is None or answer.lower <= answer.upper
        for value in answer.details.values():
            number(value if isinstance(value, float) else None)
        if answer.covariance is not None:
            assert np.isfinite(answer.covariance.to_numpy()).all()
        tables = [answer.table, *(check.table for check in answer.checks)]
        said = [answer.sentence, *(check.sentence for check in answer.checks)]
    elif isinstance(answer, Check):
        tables, said = [answer.table], [answer.sentence]
    else:
        said = [answer.statement]
    for table in tables:
        if table is not None:
            assert table["value"].notna().all()
            assert not np.isinf(table[["value", "se", "lower", "upper", "p_value"]].to_numpy(dtype=float)).any()
    for lang in ("fr", "en"):
        assert all("nan" not in sentence.render(lang).split() for sentence in said)
