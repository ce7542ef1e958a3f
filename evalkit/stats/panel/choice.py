"""Which inference answers a request: what was asked for, else what the number of clusters allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalkit.stats._inputs import choice
from evalkit.stats.panel.data import Panel
from evalkit.stats.panel.inference import whole_clusters
from evalkit.stats.panel.request import INFERENCES, Request

MANY_CLUSTERS = 50
MANY_ON_EACH_SIDE = 20
FEW_ON_A_SIDE = 2
"""With one or two clusters on a side the jackknife has no, or hardly any, degree of freedom: re-assignment is exact there."""


@dataclass(frozen=True)
class Sides:
    """How many clusters there are, how many of them are treated at some time, and how many never."""

    clusters: int
    treated: int
    whole: bool
    own_path: bool

    @property
    def untreated(self) -> int:
        """Clusters that are never treated."""
        return self.clusters - self.treated

    @property
    def smaller(self) -> int:
        """Clusters on the smaller side; where all are treated sooner or later, all of them."""
        return min(self.treated, self.untreated or self.treated)

    @property
    def many(self) -> bool:
        """Say whether the published large-sample laws hold."""
        return self.clusters >= MANY_CLUSTERS and self.smaller >= MANY_ON_EACH_SIDE


def sides(panel: Panel) -> Sides:
    """Count the clusters of a panel."""
    treated = np.isfinite(panel.first)
    if panel.status is not None:
        moves = np.diff(panel.status, axis=1)
        treated = (np.where(np.isnan(moves), 0.0, moves) != 0).any(axis=1)
    clusters = len(np.unique(panel.clusters))
    return Sides(clusters, len(np.unique(panel.clusters[treated])), whole_clusters(panel), panel.status is not None)


def first_choice(request: Request, known: Sides) -> str:
    """Return the inference to begin with.

    Raises:
        StatsError: re-assignment where treatment can end (there is no date to re-assign).
    """
    if request.inference is not None:
        if known.own_path:
            choice(request.inference, "inference", [name for name in INFERENCES if name != "randomisation"])
        return request.inference
    if known.many:
        return "analytic"
    few = known.smaller <= FEW_ON_A_SIDE and known.whole and not known.own_path
    return "randomisation" if few else "jackknife"
