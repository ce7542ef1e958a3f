"""Panels described by a column of treatment (0 or 1), complete in every period: what decompositions and synthetic controls need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, column, need_columns, shown
from evalkit.stats.panel.places import find_places
from evalkit.text import Quantity

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
    status = column(frame, treated)
    odd = status[(status != 0) & (status != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=treated, value=shown(odd[0]))
    places = find_places(frame, unit, time)
    values = pd.to_numeric(frame[outcome], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    found, doses, units = places.wide(values), places.wide(status), places.units
    gaps = (~np.isfinite(found)).any(axis=1) | np.isnan(doses).any(axis=1)
    if gaps.any():
        names = [str(name) for name in units[gaps][:NAMED]]
        raise StatsError.of(codes.UNBALANCED, n=Quantity(int(gaps.sum())), names=", ".join(names))
    return Block(units, places.times, found, doses)
