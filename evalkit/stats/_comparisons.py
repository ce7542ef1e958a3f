"""How a comparison group is made: the weight of every unit, and the effect it gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evalkit.stats._balancing import entropy_weights, nearest_pairs, propensity_scores
from evalkit.stats._inputs import Matrix, Vector, choice, enough, positive
from evalkit.stats._links import Links, nearest, paired, whitened
from evalkit.stats._matched_effects import Effect, balanced_effect, linked_effect, odds_effect
from evalkit.text import msg

DISTANCES = ("mahalanobis", "score")


@dataclass(frozen=True)
class Comparison:
    """The weight of every unit, with the score and the links it comes from where there are any."""

    weights: Vector
    scores: Vector | None = None
    links: Links | None = None


def compared(
    matrix: Matrix, chosen: NDArray[np.bool_], method: str, caliper: float | None, distance: str, *, replacement: bool
) -> Comparison:
    """Return the comparison of one method."""
    choice(distance, "distance", DISTANCES)
    if caliper is not None:
        positive(caliper, "caliper")
    size, others = int(chosen.sum()), int((~chosen).sum())
    weights = chosen.astype(float)
    if method == "entropy":
        base = np.full(others, 1 / others)
        weights[~chosen] = entropy_weights(matrix[~chosen], matrix[chosen].mean(axis=0), base) * size
        return Comparison(weights)
    by_score = method == "propensity" or distance == "score" or not replacement
    scores = propensity_scores(matrix, chosen) if by_score else None
    if scores is None:
        points, width = whitened(matrix), caliper
    else:
        points, width = scores[:, None], None if caliper is None else caliper * float(scores.std(ddof=1))
    if scores is not None and method == "propensity":
        odds = scores[~chosen] / (1 - scores[~chosen])
        weights[~chosen] = odds * size / odds.sum()
        return Comparison(weights, scores)
    if replacement:
        links = nearest(points[chosen], points[~chosen], width)
    else:
        at = np.where(chosen, np.cumsum(chosen), np.cumsum(~chosen)) - 1
        pairs = nearest_pairs(points[:, 0], chosen, width)
        links = paired([(int(at[i]), int(at[j])) for i, j in pairs], size, others)
    enough(int(links.kept.sum()), 2, msg("pairs"))
    weights[chosen] = links.kept
    weights[~chosen] = links.loads(np.ones((size, 1)))[:, 0]
    return Comparison(weights, scores, links)


def effect_of(y: Vector, matrix: Matrix, chosen: NDArray[np.bool_], made: Comparison, *, correct: bool) -> Effect:
    """Return the effect of a comparison, by the error that suits how it was made."""
    if made.links is not None:
        return linked_effect(y, matrix, chosen, made.links, correct=correct)
    if made.scores is not None:
        return odds_effect(y, matrix, chosen, made.scores)
    return balanced_effect(y, matrix, chosen, made.weights)
