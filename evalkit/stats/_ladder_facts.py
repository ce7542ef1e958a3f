"""What the data hold, counted once, before any design is tried on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Vector, column, enough, labels, need_columns, scalar, shown
from evalkit.stats.panel.data import treatment_dates
from evalkit.text import msg


@dataclass(frozen=True)
class Request:
    """The columns of a ladder."""

    outcome: str
    unit: str
    time: str
    treated: str | None
    first_treated: str | None
    territory: str | None
    never: float | str | None
    cluster: str | None
    running: str | None
    cutoff: float | None
    status: str | None
    covariates: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Counts: territories treated and not, clusters, periods known before and after, donors, secrecy, the threshold."""

    alone: bool
    treated: int
    untreated: int
    later: int
    dates: int
    ends: int
    clusters: int
    treated_clusters: int
    before: int
    after: int
    own_secret: int
    pool: int
    donors: int
    secret_share: float
    covariates: int
    sides: tuple[int, int] | None
    different: tuple[int, int] | None
    jump: float | None

    def as_details(self) -> dict[str, float | int | str | None]:
        """Return the counts as plain numbers."""
        found: dict[str, float | int | str | None] = {
            name: value for name, value in vars(self).items() if isinstance(value, (bool, int, float))
        }
        return found


@dataclass(frozen=True)
class _Grid:
    units: list[object]
    times: Vector
    known: NDArray[np.bool_]
    secret: NDArray[np.bool_]
    first: Vector
    ended: NDArray[np.bool_]


def read_facts(frame: pd.DataFrame, request: Request) -> Facts:
    """Count what the frame holds.

    Raises:
        StatsError: a column missing, a territory twice in a period, no treated territory, a territory that is not one of them.
    """
    need_columns(
        frame, request.outcome, request.unit, request.time, request.treated, request.first_treated, request.cluster,
        request.running, request.status, *request.covariates,
    )  # fmt: skip
    if (request.treated is None) == (request.first_treated is None):
        raise StatsError.of(codes.BOTH_OR_NONE, first="treated", second="first_treated")
    if (request.running is None) != (request.cutoff is None):
        raise StatsError.of(codes.BOTH_OR_NONE, first="running", second="cutoff")
    enough(len(frame), 1, msg("rows"))
    grid = _read(frame, request)
    ever = np.isfinite(grid.first)
    enough(int(ever.sum()), 1, msg("treated territories"))
    mine = ever
    if request.territory is not None:
        mine = ever & np.array([str(unit) == str(request.territory) for unit in grid.units])
        if not mine.any():
            raise StatsError.of(
                codes.NO_CHOICE, value=str(request.territory), name=request.unit,
                choices=", ".join(str(unit) for unit in np.array(grid.units, dtype=object)[ever][:10]),
            )  # fmt: skip
    return _count(frame, request, grid, mine)


def _read(frame: pd.DataFrame, request: Request) -> _Grid:
    who, when = labels(frame, request.unit), column(frame, request.time)
    keys = pd.MultiIndex.from_arrays([who, when])
    if keys.has_duplicates:
        example = keys[keys.duplicated()][0]
        raise StatsError.of(
            codes.REPEATED, name=f"{request.unit}, {request.time}", example=f"{example[0]}, {example[1]:g}"
        )
    units: list[object] = sorted(set(who.tolist()), key=str)
    times = np.unique(when)
    row, at = pd.Index(units).get_indexer(pd.Index(who)), np.searchsorted(times, when)
    shape = (len(units), len(times))
    known, secret, dose = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.full(shape, np.nan)
    known[row, at] = pd.to_numeric(frame[request.outcome], errors="coerce").notna().to_numpy()
    if request.status is not None:
        secret[row, at] = (frame[request.status].astype(str) == "secret").to_numpy()
    first = np.full(len(units), np.inf)
    if request.first_treated is not None:
        np.minimum.at(first, row, treatment_dates(frame[request.first_treated], request.never))
        dose[row, at] = when >= first[row]
    elif request.treated is not None:
        flags = column(frame, request.treated)
        odd = flags[(flags != 0) & (flags != 1)]
        if len(odd):
            raise StatsError.of(codes.NOT_BINARY, name=request.treated, value=shown(odd[0]))
        dose[row, at] = flags
        np.minimum.at(first, row, np.where(flags == 1, when, np.inf))
    first = np.where(first > times[-1], np.inf, first)
    after_start = times[None, :] >= first[:, None]
    return _Grid(units, times, known & ~secret, secret, first, ((dose == 0) & after_start).any(axis=1))


def _count(frame: pd.DataFrame, request: Request, grid: _Grid, mine: NDArray[np.bool_]) -> Facts:
    never = np.isinf(grid.first)
    start = float(grid.first[mine].min())
    before = grid.times[None, :] < grid.first[:, None]
    early, late = (grid.known & before).sum(axis=1), (grid.known & ~before).sum(axis=1)
    window = (grid.known[mine].any(axis=0)) if mine.sum() == 1 else np.ones(len(grid.times), dtype=bool)
    seen = (grid.known[:, grid.times < start]).any(axis=1) & (grid.known[:, grid.times >= start]).any(axis=1)
    group = _clusters(frame, request, grid)
    involved = (mine | never) & grid.known.any(axis=1)
    compared = mine | never
    cells = grid.known[compared].sum() + grid.secret[compared].sum()
    sides, different, jump = _threshold(frame, request, grid)
    return Facts(
        alone=int(mine.sum()) == 1,
        treated=int(mine.sum()),
        untreated=int((never & grid.known.any(axis=1)).sum()),
        later=int((np.isfinite(grid.first) & ~mine & (grid.first > start)).sum()) if mine.sum() == 1 else 0,
        dates=len(np.unique(grid.first[mine])),
        ends=int(grid.ended[mine].sum()),
        clusters=len(set(group[involved].tolist())),
        treated_clusters=len(set(group[mine].tolist())),
        before=int(np.median(early[mine])),
        after=int(np.median(late[mine])),
        own_secret=int(grid.secret[mine].sum()),
        pool=int((never & seen).sum()),
        donors=int((never & grid.known[:, window].all(axis=1)).sum()),
        secret_share=float(grid.secret[compared].sum() / cells) if cells else 0.0,
        covariates=len(request.covariates),
        sides=sides,
        different=different,
        jump=jump,
    )


def _clusters(frame: pd.DataFrame, request: Request, grid: _Grid) -> NDArray[np.object_]:
    if request.cluster is None:
        return np.array(grid.units, dtype=object)
    names = dict(zip(labels(frame, request.unit).tolist(), labels(frame, request.cluster).tolist(), strict=True))
    return np.array([names[unit] for unit in grid.units], dtype=object)


def _threshold(
    frame: pd.DataFrame, request: Request, grid: _Grid
) -> tuple[tuple[int, int] | None, tuple[int, int] | None, float | None]:
    """Return territories on each side of the threshold, their different values, and the jump of the share treated near it."""
    if request.running is None or request.cutoff is None:
        return None, None, None
    cutoff = scalar(request.cutoff, "cutoff")
    values = pd.to_numeric(frame[request.running], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    place = pd.Series(values).groupby(pd.Series(labels(frame, request.unit)).to_numpy()).first()
    x: Vector = place.reindex(grid.units).to_numpy(dtype=np.float64)
    good = np.isfinite(x) & grid.known.any(axis=1)
    x, got = x[good] - cutoff, np.isfinite(grid.first[good])
    parts = [x < 0, x >= 0]
    sides = (int(parts[0].sum()), int(parts[1].sum()))
    different = (len(np.unique(x[parts[0]])), len(np.unique(x[parts[1]])))
    if min(sides) == 0:
        return sides, different, None
    share = [float(got[part][np.argsort(np.abs(x[part]), kind="stable")[:40]].mean()) for part in parts]
    return sides, different, abs(share[1] - share[0])
