"""When a conclusion falls: how far trends may have differed before an effect is no longer told from zero."""

from __future__ import annotations

from collections.abc import Sequence

from evalkit.model.estimate import Estimate
from evalkit.stats._inputs import choice, confidence_level, judged, shown
from evalkit.stats.robustness import KINDS, breakdown_bound
from evalkit.text import msg


def breakdown_value(
    event_study_estimate: Estimate,
    kind: str = "relative_magnitude",
    *,
    weights: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Say how far trends may have differed before an effect told from zero is no longer told from it.

    Args:
        event_study_estimate: what `event_study` returned, with a common reference (as in `sensitivity`).
        kind: `relative_magnitude` (M times the largest step before treatment) or `smoothness` (change of slope a period).
        weights: weights of the effects after treatment; by default the first one alone.
        confidence: level of the interval that has to exclude zero.

    Returns:
        The smallest bound at which the interval that allows for it holds zero; 0 where zero is inside from the start. The check `robust to
        differing trends` is passed from 1 on (`relative_magnitude`): deviations after as large as any before do not overturn the conclusion.

    Raises:
        StatsError: as `sensitivity`.

    When not to use it: for an effect that is not told from zero (give its minimum detectable effect).
    Assumption: as `sensitivity`.
    Formula: bisection on the bound of the family.
    Source: Rambachan & Roth (2023) Review of Economic Studies 90.

    Example:
        >>> import numpy as np, pandas as pd
        >>> from evalkit.model.estimate import Estimate
        >>> terms = ["-2", "0"]
        >>> table = pd.DataFrame({"term": terms, "value": [0.1, 4.0]})
        >>> covariance = pd.DataFrame(0.25 * np.eye(2), index=terms, columns=terms)
        >>> study = Estimate(value=4.0, method="twfe", table=table, covariance=covariance, details={"base": "universal"})
        >>> breakdown_value(study).value > 1
        True
    """
    choice(kind, "kind", KINDS)
    level = confidence_level(confidence)
    unit = event_study_estimate.unit if kind == "smoothness" else "ratio"
    effect, bound = breakdown_bound(event_study_estimate, kind, weights, level)
    value = bound or 0.0
    size = shown(value, unit)
    texts = (
        msg("the effect would no longer be told from zero if the slope changed by {size} a period", size=size)
        if kind == "smoothness"
        else msg("the effect would no longer be told from zero if trends differed after by {size} times what they did before", size=size)
    )  # fmt: skip
    nothing = msg("the effect is not told from zero even with parallel trends")
    return Estimate(
        value=value,
        method=f"breakdown_{kind}",
        unit=unit,
        confidence=level,
        n=event_study_estimate.n,
        checks=(
            judged(
                "robust to differing trends",
                bound is not None and (kind == "smoothness" or bound >= 1),
                msg("the conclusion holds although trends were allowed to differ"),
                msg("the conclusion falls when trends are allowed to differ"),
            ),
        ),
        sentence=nothing if bound is None else texts,
        details={"effect": effect, "told_from_zero": int(bound is not None)},
    )
