"""Statistical disclosure control: each producer's own rule, applied to what a reader is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalkit.data._rest import Rest, rest_of_parent
from evalkit.data._rules import RULES, ProducerRule, rule_of
from evalkit.model.observation import WITH_VALUE

if TYPE_CHECKING:
    from evalkit.model.indicator import Indicator
    from evalkit.model.plan import Disclosure

__all__ = ["RULES", "ProducerRule", "Rest", "apply_disclosure", "rest_of_parent", "rule_of"]

_HIDDEN = ("value", "lower", "upper", "confidence", "numerator", "denominator")


def apply_disclosure(
    observations: pd.DataFrame, catalogue: Mapping[str, Indicator], disclosure: Disclosure
) -> pd.DataFrame:
    """Return the observations with every value hidden that rests on too few units.

    The count is `n`, else the denominator; where neither is known the value stays as its producer published it. A plan's
    `minimum_count` hides more on top of the producers' rules, never less. Cells of a row or a column that could be found
    back by subtraction (secondary suppression) are not treated here.
    """
    units = observations["n"].fillna(observations["denominator"])
    places, names = pd.factorize(observations["indicator"])
    rules = {indicator: rule_of(catalogue.get(indicator)) for indicator in names}
    has_value = observations["status"].isin(list(WITH_VALUE))
    minimum = np.array([float(rule.minimum or 0) for rule in rules.values()])[places]
    shown = _hide(observations, has_value & (units < minimum), rules)
    if disclosure.rule == "minimum_count" and disclosure.count is not None:
        still = shown["status"].isin(list(WITH_VALUE))
        shown = _hide(
            shown, still & (units < disclosure.count), dict.fromkeys(rules, ProducerRule("plan", disclosure.count))
        )
    return shown


def _hide(observations: pd.DataFrame, hidden: pd.Series, rules: Mapping[str, ProducerRule]) -> pd.DataFrame:
    """Empty the hidden rows. The count goes too where it is secret; it stays where it is the reason that readers are given."""
    if not hidden.any():
        return observations
    shown = observations.copy()
    shown.loc[hidden, list(_HIDDEN)] = float("nan")
    names = shown.loc[hidden, "indicator"]
    shown.loc[hidden, "status"] = names.map({name: rule.status for name, rule in rules.items()})
    shown.loc[hidden, "note"] = names.map({name: rule.note for name, rule in rules.items()})
    shown.loc[hidden & (shown["status"] == "secret"), "n"] = float("nan")
    return shown
