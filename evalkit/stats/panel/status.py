"""Panels described by a column of treatment (0 or 1), complete in every period: what decompositions and synthetic controls need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, column, enough, labels, need_columns, shown
from evalkit.text import Quantity, msg

NAMED = 5


@dataclass(frozen=True)
class Block:
    """A balanced panel: outcome of n territories over T periods."""

    units: NDArray[np.object_]
    times: Vector
    outcome: Matrix
    status: Matrix

    @property
    def first(self) -> Vector:
        """First treated period of each territory, infinity when never; a treatment that ends is refused."""
        ended = (np.diff(self.status, axis=1) < 0).any(axis=1)
        if ended.any():
            raise StatsError.of(codes.SWITCHES_OFF, unit=str(self.units[ended][0]))
        return np.where(self.status.any(axis=1), self.times[self.status.argmax(axis=1)], np.inf)


def read_block(frame: pd.DataFrame, *, outcome: str, unit: str, time: str, treated: str) -> Block:
    """Return the balanced panel of a long frame.

    Raises:
        StatsError: a territory missing or twice in a period, a missing outcome, a treatment other than 0 or 1.
    """
    need_columns(frame, outcome, unit, time, treated)
    who, when = labels(frame, unit), column(frame, time)
    status = column(frame, treated)
    odd = status[(status != 0) & (status != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=treated, value=shown(odd[0]))
    keys = pd.MultiIndex.from_arrays([who, when])
    if keys.has_duplicates:
        example = keys[keys.duplicated()][0]
        raise StatsError.of(codes.REPEATED, name=f"{unit}, {time}", example=f"{example[0]}, {example[1]:g}")
    units, times = np.array(sorted(set(who.tolist()), key=str), dtype=object), np.unique(when)
    enough(len(times), 2, msg("periods"))
    row, at = pd.Index(units).get_indexer(pd.Index(who)), np.searchsorted(times, when)
    grid = np.full((2, len(units), len(times)), np.nan)
    grid[0, row, at] = pd.to_numeric(frame[outcome], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    grid[1, row, at] = status
    gaps = np.isnan(grid).any(axis=(0, 2))
    if gaps.any():
        names = [str(name) for name in units[gaps][:NAMED]]
        raise StatsError.of(codes.UNBALANCED, n=Quantity(int(gaps.sum())), names=", ".join(names))
    return Block(units, times, grid[0], grid[1])
