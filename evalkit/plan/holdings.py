"""What a warehouse holds for a plan, asked once: the periods for which each indicator has values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evalkit.model.indicator import Indicator
from evalkit.model.observation import WITH_VALUE
from evalkit.model.plan import EvaluationPlan
from evalkit.plan.levels import counted_from_records, is_wider

if TYPE_CHECKING:
    from evalkit.data.warehouse import Warehouse


class Holdings:
    """The periods with values of every indicator of a plan, at the plan's level and geography."""

    def __init__(self, plan: EvaluationPlan, catalogue: Mapping[str, Indicator], warehouse: Warehouse) -> None:
        self._plan, self._catalogue, self._warehouse = plan, catalogue, warehouse
        covered = warehouse.coverage()
        covered = covered[covered["status"].isin(sorted(WITH_VALUE))]
        keys = covered[["indicator", "level", "geography", "period"]].drop_duplicates()
        self._held: list[tuple[str, str, str, str]] = sorted(keys.itertuples(index=False, name=None))

    def expects(self, indicator: str) -> bool:
        """Say whether an indicator is read from observations: deliveries and survivals are counted from records."""
        known = self._catalogue.get(indicator)
        return known is not None and not counted_from_records(known, self._plan)

    def periods(self, indicator: str) -> tuple[str, ...]:
        """Return the periods with values: at the plan's level and geography, or else at the wider levels that exist."""
        place = self._plan.territories
        own = [p for i, level, geography, p in self._held if (i, level, geography) == (indicator, *self._place)]
        if own or place.level in self._levels(indicator):
            return tuple(own)
        wider = {p for i, level, _, p in self._held if i == indicator and is_wider(level, place.level)}
        return tuple(sorted(wider))

    def has_values(self, indicator: str) -> bool:
        """Say whether the plan finds any value of the indicator."""
        return bool(self.periods(indicator))

    def all_periods(self) -> dict[str, tuple[str, ...]]:
        """Return the periods with values of every indicator that has some."""
        return {name: self.periods(name) for name in sorted({held[0] for held in self._held}) if self.periods(name)}

    def other_geography(self, indicator: str, period: str) -> str | None:
        """Return another geography that has the period, when no crosswalk leads from it to the plan's."""
        level, geography = self._place
        found = [g for i, lv, g, p in self._held if (i, lv, p) == (indicator, level, period) and g != geography]
        if not found or any(self._warehouse.has_crosswalk(level, other, geography) for other in found):
            return None
        return found[-1]

    @property
    def _place(self) -> tuple[str, str]:
        return self._plan.territories.level, self._plan.territories.geography

    def _levels(self, indicator: str) -> tuple[str, ...]:
        known = self._catalogue.get(indicator)
        return known.levels if known else ()
