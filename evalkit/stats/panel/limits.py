"""From effects to limits and p-values, by the inference that was asked for or that the number of clusters allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from evalkit.stats._inputs import Matrix, bound
from evalkit.stats.panel.choice import Sides, first_choice
from evalkit.stats.panel.estimators import estimated, same_terms
from evalkit.stats.panel.inference import Law, Reassigned, reassigned
from evalkit.stats.panel.jackknife import Jackknife, jackknife
from evalkit.stats.panel.request import STEPWISE, Found, Request
from evalkit.stats.panel.wild import WildBootstrap

AUTOMATIC = (1000, 399)
"""Without being asked for, re-assignment tries all of up to 1,000 assignments, and 399 seeded ones beyond: enough for an interval at 95%."""
Limits = tuple[float | None, float | None, float | None]
NOTHING: Limits = (None, None, None)


@dataclass(frozen=True)
class Told:
    """Limits and p-value of the overall effect and of each term, and what they came from."""

    kind: str
    overall: Limits
    terms: tuple[Limits, ...]
    jackknife: Jackknife | None = None
    reassigned: Reassigned | None = None
    details: dict[str, float | int | str | None] = field(default_factory=dict)


def infer(found: Found, request: Request, law: Law, spread: Matrix, known: Sides) -> Told:
    """Return the limits of an estimated request."""
    kind = first_choice(request, known)
    if kind == "analytic":
        return _analytic(found, law, spread, known)
    estimate, moved = same_terms(request, found.effects.terms), None
    if kind == "randomisation":
        asked = request.inference is not None
        moved = reassigned(found.panel, estimate, request.seed, *(() if asked else AUTOMATIC))
        low, high, _ = moved.limits(request.level)
        if not asked and known.smaller > 1 and (low is None or high is None):
            kind, moved = "jackknife", None
    small = jackknife(found.panel, estimate, request.level) if known.smaller > 1 else None
    overall, details = _overall(kind, found, request, spread, small, moved)
    terms = [_term(found, i, small, moved) for i in range(len(found.effects.terms))]
    if found.effects.terms == ("effect",):
        terms = [overall]
    return Told(kind, overall, tuple(terms), small, moved, details)


def _analytic(found: Found, law: Law, spread: Matrix, known: Sides) -> Told:
    """Return the published laws; with one cluster on a side they say nothing of its own spread."""
    effects = found.effects
    if known.smaller < 2:
        return Told("analytic", NOTHING, (NOTHING,) * len(effects.terms))
    sizes = [math.sqrt(max(0.0, spread[i, i])) for i in range(len(spread))]
    rows = [
        law.limits(float(value), se) if se > 0 else NOTHING for value, se in zip(effects.estimates, sizes, strict=False)
    ]
    return Told("analytic", law.limits(effects.overall, sizes[-1]), tuple(rows))


def _overall(
    kind: str, found: Found, request: Request, spread: Matrix, small: Jackknife | None, moved: Reassigned | None
) -> tuple[Limits, dict[str, float | int | str | None]]:
    value = found.effects.overall
    if moved is not None:
        return moved.limits(request.level), {"assignments": moved.count, "exact": int(moved.complete)}
    if small is None:
        return NOTHING, {}
    if kind == "wild_bootstrap":
        return _wild(found, request, math.sqrt(spread[-1, -1]))
    limits = small.limits(-1, value)
    if limits is None:
        return NOTHING, {}
    return limits, {"df": float(small.df[-1]), "jackknife_se": math.sqrt(small.covariance[-1, -1])}


def _wild(found: Found, request: Request, se: float) -> tuple[Limits, dict[str, float | int | str | None]]:
    value, panel, regression = found.effects.overall, found.panel, found.regression
    if se <= 1e-12 * abs(value):
        return (value, value, float(value == 0)), {}
    if request.method == "twfe" and request.aggregation == "simple" and regression is not None:
        import numpy as np

        column = regression.columns[:, 0]
        groups = np.unique(panel.clusters, return_inverse=True)[1][regression.unit]
        test = WildBootstrap.of(column, regression.residuals + value * column, regression.basis, groups, request.seed)
    else:
        test = WildBootstrap.of_panel(
            panel, lambda moved: estimated(moved, request).effects, request.seed, adjusted=request.method not in STEPWISE
        )  # fmt: skip
    low, high = test.interval(value, se, request.level)
    details: dict[str, float | int | str | None] = {
        "draws": len(test.found), "strictly_larger": test.p_value(ties=False),
    }  # fmt: skip
    return (bound(low), bound(high), test.p_value()), details


def _term(found: Found, i: int, small: Jackknife | None, moved: Reassigned | None) -> Limits:
    if small is not None:
        return small.limits(i, float(found.effects.estimates[i])) or NOTHING
    return NOTHING if moved is None else (None, None, moved.term_p(i))
