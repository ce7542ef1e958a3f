"""League tables must not be read raw: small territories jump about, so their rates are drawn towards the mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import StatsError
from evalkit.model.estimate import Estimate
from evalkit.stats import codes
from evalkit.stats._inputs import (
    Vector,
    all_positive,
    choice,
    confidence_level,
    enough,
    judged,
    none_negative,
    same_length,
    table,
    vector,
)
from evalkit.text import Quantity, msg

METHODS = ("james_stein", "marshall")
DRAWS = 4000


def shrink(
    counts: Sequence[float] | Vector | pd.Series,
    denominators: Sequence[float] | Vector | pd.Series,
    *,
    multiplier: float = 1,
    method: str = "marshall",
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Give each territory a rate that can be ranked: its own rate, drawn to the common one when it rests on few persons.

    Args:
        counts: events of each territory; the index of a Series names the territories.
        denominators: population of each territory.
        multiplier: 1000 gives rates per 1,000.
        method: `marshall` (rates of counts, any population), or `james_stein` (shares of about equal denominators, as Efron and Morris).
        confidence: level of the intervals of the ranks.
        seed: seed of the draws behind the ranks.

    Returns:
        The common rate; `table` has the shrunk rate of each territory (`value`), its `raw` rate and its `weight`: 1 keeps
        the territory's own rate, 0 gives it the common one. `se` is the spread of the shrunk rate when the common rate and the
        true spread are taken as known; it is too small where territories are few. `rank_lower`, `rank_upper`: between which ranks the
        territory lies (1 is the lowest rate); `lowest_quarter`: the probability that it is one of the lowest quarter.

    Raises:
        StatsError: fewer than three territories (four for `james_stein`), a count below zero, a denominator not positive, a share above 1.

    When not to use it: to judge one territory against its own target; to publish a rate as if it had been observed.
    Assumption: the true rates vary around one common mean, whatever their law; for the ranks a normal one.
    Formula: `m = Σd/Σn`, `A = s² − m/n̄`, `w = A/(A + m/nᵢ)`, `m + w (rᵢ − m)`; `james_stein`: `m` the mean of the shares,
    `w = 1 − (k − 3) m(1 − m)/(n̄ Σ(rᵢ − m)²)`, not below 0. Ranks: 4,000 seeded draws of all rates.
    Source: Marshall (1991) Applied Statistics 40; Efron & Morris (1975) JASA 70; Goldstein & Spiegelhalter (1996) JRSS-A 159 (ranks).

    Example:
        >>> found = shrink([18, 12, 3, 9], [45, 45, 45, 45], method="james_stein")
        >>> found.table["weight"].round(2).tolist()
        [0.93, 0.93, 0.93, 0.93]
    """
    choice(method, "method", METHODS)
    level = confidence_level(confidence)
    events, people = vector(counts, "counts"), vector(denominators, "denominators")
    same_length(events, "counts", people, "denominators")
    enough(len(events), 3 if method == "marshall" else 4, msg("territories to shrink together"))
    none_negative(events, "counts")
    all_positive(people, "denominators")
    raw = events / people
    common, true_variance, weight, noise = (_marshall if method == "marshall" else _james_stein)(events, people)
    shrunk, spread = common + weight * (raw - common), np.sqrt(weight * noise)
    names = counts.index if isinstance(counts, pd.Series) else range(len(raw))
    frame = table(
        (
            {"term": str(name), "value": v * multiplier, "se": s * multiplier, "n": round(p)}
            for name, v, s, p in zip(names, shrunk, spread, people, strict=True)
        ),
        ("raw", "weight", "rank_lower", "rank_upper", "lowest_quarter"),
    )
    frame["raw"], frame["weight"] = raw * multiplier, weight
    frame["rank_lower"], frame["rank_upper"], frame["lowest_quarter"] = rank_uncertainty(shrunk, spread, level, seed)
    varies = true_variance > 0
    return Estimate(
        value=common * multiplier,
        method=method,
        unit="ratio",
        confidence=level,
        n=len(raw),
        table=frame,
        checks=(
            judged(
                "territories differ",
                varies,
                msg("the territories differ by more than chance"),
                msg("the territories do not differ by more than chance: all get the common rate"),
            ),
        ),
        details={"variance_between": true_variance * multiplier**2},
    )


Shrunk = tuple[float, float, Vector, Vector]


def _marshall(events: Vector, people: Vector) -> Shrunk:
    """Return common rate, true variance, weights and noise by moments."""
    raw, common = events / people, float(events.sum() / people.sum())
    spread = float((people * (raw - common) ** 2).sum() / people.sum()) - common / float(people.mean())
    true_variance = max(spread, 0.0)
    noise: Vector = common / people
    weight = np.divide(true_variance, true_variance + noise, out=np.zeros_like(noise), where=noise + true_variance > 0)
    return common, true_variance, weight, noise


def _james_stein(events: Vector, people: Vector) -> Shrunk:
    """Return common share, true variance, weights (all alike) and noise of shares of about equal denominators."""
    raw = events / people
    above = np.flatnonzero(events > people)
    if len(above):
        raise StatsError.of(codes.COUNT_ABOVE_TOTAL, count=Quantity(events[above[0]]), total=Quantity(people[above[0]]))
    common, size = float(raw.mean()), float(people.mean())
    noise = common * (1 - common) / size
    scatter = float(((raw - common) ** 2).sum())
    share = max(0.0, 1 - (len(raw) - 3) * noise / scatter) if scatter > 0 else 0.0
    alike: Vector = np.full(len(raw), share)
    return common, noise * share / (1 - share) if share < 1 else scatter / len(raw), alike, np.full(len(raw), noise)


def rank_uncertainty(values: Vector, se: Vector, level: float, seed: int) -> tuple[Vector, Vector, Vector]:
    """Return the lowest and highest rank of each territory at this level, and the probability of being in the lowest quarter.

    Ties are broken at random, so that territories that cannot be told apart share all ranks.
    """
    random, n = np.random.default_rng(seed), len(values)
    ranks = np.empty((DRAWS, n), dtype=np.int32)
    for i in range(DRAWS):
        drawn = values + se * random.standard_normal(n)
        order = np.lexsort((random.random(n), drawn))
        ranks[i, order] = np.arange(1, n + 1)
    tail = (1 - level) / 2
    low, high = np.quantile(ranks, [tail, 1 - tail], axis=0, method="inverted_cdf")
    return low.astype(float), high.astype(float), np.asarray((ranks <= max(1, n // 4)).mean(axis=0), dtype=np.float64)
