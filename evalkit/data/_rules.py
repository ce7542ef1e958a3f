"""Each producer's disclosure rule, as data.

Sources: Insee, manuel de protection des tableaux (business statistics: fewer than 3 units, one contributor over 85 %; tax
data on natural persons: fewer than 11 units); SDES (RPLS: blank under 11); DGFiP for aggregated property sales (under 11
sales: a number without meaning rather than a secret). Cnaf, Dares and DEPP: usual practice, to be confirmed by the producer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from evalkit.data.codes_warehouse import TOO_FEW_SALES, TOO_FEW_UNITS

if TYPE_CHECKING:
    from evalkit.model.indicator import Indicator
    from evalkit.model.observation import Status


@dataclass(frozen=True)
class ProducerRule:
    """What a producer allows to be shown: at least `minimum` units, no contributor over `dominance` of the total.

    `status` is what a hidden value becomes. `confirmed` is False where the figure is usual practice that the producer has
    not confirmed; `fragile` says that small counts are shown but unreliable (census estimates).
    """

    id: str
    minimum: int | None
    dominance: float | None = None
    status: Status = "secret"
    confirmed: bool = True
    fragile: bool = False

    @property
    def note(self) -> str:
        """Return the code that explains a hidden value."""
        return (TOO_FEW_UNITS if self.status == "secret" else TOO_FEW_SALES).id

    def allows(self, units: float | None, largest_share: float | None = None) -> bool:
        """Say whether a cell may be shown; an unknown number of units is left to the producer, who published it."""
        enough = units is None or self.minimum is None or units >= self.minimum
        return enough and (largest_share is None or self.dominance is None or largest_share <= self.dominance)


RULES: Mapping[str, ProducerRule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            ProducerRule("insee_business", 3, dominance=0.85),
            ProducerRule("insee_tax", 11, dominance=0.85),
            ProducerRule("insee_census", None, fragile=True),
            ProducerRule("sdes", 11),
            ProducerRule("dgfip_dvf", 11, status="missing"),
            ProducerRule("cnaf", 5, confirmed=False),
            ProducerRule("dares", 5, confirmed=False),
            ProducerRule("depp", 5, confirmed=False),
            ProducerRule("none", None),
        )
    }
)


def rule_of(indicator: Indicator | None) -> ProducerRule:
    """Return the rule of an indicator's producer; an indicator without definition has none."""
    return RULES["none" if indicator is None else indicator.disclosure]
