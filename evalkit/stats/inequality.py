"""Who lives apart from whom: dissimilarity, Theil, mutual information, isolation and exposure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Matrix,
    Row,
    choice,
    column,
    enough,
    judged,
    labels,
    none_negative,
    shown,
    table,
)
from evalkit.text import msg

INDICES = ("dissimilarity", "exposure", "isolation", "mutual_information", "theil")
SMALL_PLACE = 20


def segregation(
    frame: pd.DataFrame,
    index: str = "dissimilarity",
    *,
    unit: str,
    group: str,
    count: str,
    within: str | None = None,
    focus: str | None = None,
    other: str | None = None,
) -> Estimate:
    """Say how far groups live (or study) apart.

    Args:
        frame: one row per place and group.
        index: `dissimilarity` (share who would have to move for an even spread), `theil` (H, 0 to 1), `mutual_information` (M),
            `isolation` (share of its own group around a member of `focus`), `exposure` (share of `other` around a member of `focus`).
        unit: column of the place (a district, a school); with `within`, places of one name in two larger places are different.
        group: column of the group.
        count: column of persons.
        within: column of a larger place: `table` then splits `theil` and `mutual_information` into between and within.
        focus: the group meant, for `isolation` and `exposure`.
        other: the other group, for `exposure`.

    Returns:
        The index; `table` has the rows `between` and `within`, and for `theil` and `mutual_information` the local segregation of each group.

    Raises:
        StatsError: negative counts, fewer than two groups or places, a group not found.

    When not to use it: small places: even a random spread gives a high index there (see the check); comparisons over time when the
    outline of places changed.
    Assumption: none, it is a description.
    Formula: `D = Σᵤ nᵤ Σg |p(g|u) − p(g)| / (2N Σg p(g)(1 − p(g)))`; `M = Σ p(u,g) log(p(u,g)/(p(u) p(g)))`; `H = M/E`, E the entropy of groups.
    Source: Duncan & Duncan (1955); Theil & Finizza (1971); Reardon & Firebaugh (2002); Mora & Ruiz-Castillo (2011).

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"place": ["a", "a", "b", "b"], "group": ["x", "y", "x", "y"], "n": [90, 10, 10, 90]})
        >>> segregation(frame, unit="place", group="group", count="n").value
        0.8
    """
    choice(index, "index", INDICES)
    counts, names, parents = _cross(frame, unit, group, count, within)
    shares, overall = counts / counts.sum(), counts.sum(axis=0) / counts.sum()
    rows: list[Row] = []
    if index == "dissimilarity":
        sizes = shares.sum(axis=1)
        value = float((np.abs(shares - sizes[:, None] * overall)).sum() / (2 * (overall * (1 - overall)).sum()))
    elif index in ("isolation", "exposure"):
        mine = _place(names, focus, "focus")
        theirs = mine if index == "isolation" else _place(names, other, "other")
        value = float((counts[:, mine] / counts[:, mine].sum()) @ (counts[:, theirs] / counts.sum(axis=1)))
    else:
        scale = 1.0 if index == "mutual_information" else float(-(overall * np.log(overall)).sum())
        value = mutual_information(counts) / scale
        if parents is not None:
            larger = np.vstack([counts[parents == p].sum(axis=0) for p in np.unique(parents)])
            between = mutual_information(larger) / scale
            rows += [{"term": "between", "value": between}, {"term": "within", "value": value - between}]
        local = _plogq(shares / overall, np.log(shares.sum(axis=1))[:, None]).sum(axis=0)
        rows += [
            {"term": name, "value": v, "n": round(n)}
            for name, v, n in zip(names, local, counts.sum(axis=0), strict=True)
        ]
    typical = float(np.median(counts.sum(axis=1)))
    return Estimate(
        value=value,
        method=index,
        unit="ratio",
        n=len(counts),
        table=table(rows),
        checks=(
            judged(
                "places large enough",
                typical >= SMALL_PLACE,
                msg("half of the places count {n} persons or more", n=shown(typical, "count")),
                msg("half of the places count {n} persons or fewer: chance alone gives a high index", n=shown(typical, "count")),
            ),
        ),
        details={"persons": float(counts.sum()), "groups": len(names)},
    )  # fmt: skip


def mutual_information(counts: Matrix) -> float:
    """Return M of a table of places by groups."""
    shares = counts / counts.sum()
    return float(_plogq(shares, np.log(np.outer(shares.sum(axis=1), shares.sum(axis=0)))).sum())


def _plogq(shares: Matrix, logs: Matrix) -> Matrix:
    """Return p (log p − q), zero where p is zero."""
    safe = np.where(shares > 0, shares, 1.0)
    return np.asarray(np.where(shares > 0, shares * (np.log(safe) - logs), 0.0))


def _cross(
    frame: pd.DataFrame, unit: str, group: str, count: str, within: str | None
) -> tuple[Matrix, list[str], np.ndarray | None]:
    people = column(frame, count)
    none_negative(people, count)
    places, groups = labels(frame, unit).astype(str), labels(frame, group).astype(str)
    parents = None if within is None else labels(frame, within).astype(str)
    keys = places if parents is None else np.array([f"{p}\x1f{u}" for p, u in zip(parents, places, strict=True)])
    cells = pd.DataFrame({"place": keys, "group": groups, "n": people})
    wide = cells.pivot_table(index="place", columns="group", values="n", aggfunc="sum", fill_value=0)
    wide = wide.loc[wide.sum(axis=1) > 0, wide.sum(axis=0) > 0]
    enough(wide.shape[0], 2, msg("places with persons"))
    enough(wide.shape[1], 2, msg("groups with persons"))
    above = None if parents is None else np.array([str(key).split("\x1f")[0] for key in wide.index])
    return wide.to_numpy(dtype=np.float64), [str(name) for name in wide.columns], above


def _place(names: list[str], wanted: str | None, argument: str) -> int:
    if wanted is None or str(wanted) not in names:
        raise StatsError.of(codes.NO_CHOICE, value=str(wanted), name=argument, choices=", ".join(names))
    return names.index(str(wanted))
