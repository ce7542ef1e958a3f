"""Where each row of a long frame stands in a panel: which territory, which period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, column, enough, need_columns
from evalkit.text import Quantity, msg


@dataclass(frozen=True)
class Places:
    """The territories and periods of a frame, sorted; `row` and `at` give those of each row of the frame."""

    units: NDArray[np.object_]
    times: Vector
    row: NDArray[np.intp]
    at: NDArray[np.intp]

    def wide(self, values: Vector) -> Matrix:
        """Return the values by territory and period, NaN where no row tells."""
        grid = np.full((len(self.units), len(self.times)), np.nan)
        grid[self.row, self.at] = values
        return grid

    def per_unit(self, values: Vector, name: str) -> Vector:
        """Return one value per territory; a value that changes over time is refused."""
        found = np.empty(len(self.units))
        found[self.row] = values
        changing = found[self.row] != values
        if changing.any():
            raise StatsError.of(codes.REPEATED, name=name, example=str(self.units[self.row[changing][0]]))
        return found


def find_places(frame: pd.DataFrame, unit: str, time: str, key: Callable[[object], object] = str) -> Places:
    """Return the places of the rows, territories sorted by `key`.

    Raises:
        StatsError: a territory without name, a period that is no number, a territory twice in a period, a single period.
    """
    need_columns(frame, unit, time)
    index, names = pd.factorize(frame[unit])
    missing = int((index < 0).sum())
    if missing:
        raise StatsError.of(codes.NOT_NUMBERS, name=unit, n=Quantity(missing))
    when = column(frame, time)
    times = np.sort(pd.unique(when))
    at = np.searchsorted(times, when)
    labels = list(names.tolist())
    known = labels if all(type(name) is str for name in labels) else [key(name) for name in labels]
    order = sorted(range(len(known)), key=known.__getitem__)  # type: ignore[arg-type]
    units = np.empty(len(order), dtype=object)
    units[:] = [labels[i] for i in order]
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    row = place[index]
    keys = pd.Series(row * len(times) + at)
    if np.bincount(keys, minlength=1).max(initial=0) > 1:
        twice = int(np.flatnonzero(keys.duplicated())[0])
        example = f"{units[row[twice]]}, {when[twice]:g}"
        raise StatsError.of(codes.REPEATED, name=f"{unit}, {time}", example=example)
    enough(len(times), 2, msg("periods"))
    return Places(units, times, row, at)
