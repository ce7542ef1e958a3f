"""de Chaisemartin and D'Haultfœuille: territories whose treatment changes, against those whose treatment stays the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.errors import StatsError
from evalkit.stats import codes
from evalkit.stats._inputs import Matrix, Vector, column, labels, shown
from evalkit.stats.panel.cells import Cells
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.doubly_robust import plain_change
from evalkit.text import Quantity, msg


def switching_effects(panel: Panel, status: Matrix) -> Cells:
    """Return the effect at the moment of each switch, joining or leaving, and its placebo one period before.

    `status` is 0 or 1 by territory and period, NaN where unknown. A leaver's effect counts with the sign of treatment.
    """
    found: list[tuple[float, float, float, Vector, Vector, float]] = []
    share = panel.unit_weights
    for at in range(1, len(panel.times)):
        for before in (0.0, 1.0):
            switch = (status[:, at - 1] == before) & (status[:, at] == 1 - before)
            stay = (status[:, at - 1] == before) & (status[:, at] == before)
            sign = 1.0 if before == 0 else -1.0
            now = _compare(panel, at, switch, stay, sign)
            if now is None:
                continue
            found.append((panel.times[at], panel.times[at], *now, share * switch, float(switch.sum())))
            if at > 1:
                calm = status[:, at - 2] == before
                past = _compare(panel, at - 1, switch & calm, stay & calm, sign)
                if past is not None:
                    found.append(
                        (
                            panel.times[at],
                            panel.times[at - 1],
                            *past,
                            share * (switch & calm),
                            float((switch & calm).sum()),
                        )
                    )
    if not found:
        raise StatsError.of(
            codes.TOO_FEW, what=msg("territories that switch, with some that stay"), n=Quantity(0), needed=Quantity(1)
        )
    size = np.array([f[4].mean() for f in found])
    return Cells(
        np.array([f[0] for f in found]),
        np.array([f[1] for f in found]),
        np.array([f[2] for f in found]),
        np.column_stack([f[3] for f in found]),
        size,
        np.column_stack([f[4] for f in found]) - size,
        np.array([f[5] for f in found]),
        float(panel.times[-1]),
        float(panel.times[0]),
    )


def _compare(
    panel: Panel, at: int, switch: NDArray[np.bool_], stay: NDArray[np.bool_], sign: float
) -> tuple[float, Vector] | None:
    change = panel.outcome[:, at] - panel.outcome[:, at - 1]
    used = (switch | stay) & ~np.isnan(change)
    if not (used & switch).any() or not (used & stay).any():
        return None
    weights = np.where(used, panel.unit_weights, 0.0)
    value, influence = plain_change(np.where(used, change, 0.0), switch, weights)
    return sign * value, sign * influence


def read_status(frame: pd.DataFrame, panel: Panel, unit: str, time: str, treated: str) -> Matrix:
    """Return the treatment of each territory in each period, NaN where no row tells."""
    values = column(frame, treated)
    odd = values[(values != 0) & (values != 1)]
    if len(odd):
        raise StatsError.of(codes.NOT_BINARY, name=treated, value=shown(odd[0]))
    row = pd.Index(panel.units).get_indexer(pd.Index(labels(frame, unit)))
    at = np.searchsorted(panel.times, column(frame, time))
    status = np.full(panel.outcome.shape, np.nan)
    status[row[row >= 0], at[row >= 0]] = values[row >= 0]
    return status
