"""Delivery of a programme: what the convention planned, what was committed, what was delivered, family by family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.model.estimate import Estimate
from evalkit.notebook.families import operation_family, unit_word
from evalkit.notebook.reading import Reader
from evalkit.notebook.results import NOTHING, Result
from evalkit.text import Message, Quantity, msg, nmsg

if TYPE_CHECKING:
    import pandas as pd

_QUANTITIES = ("planned", "committed", "delivered")
_COSTS = ("cost_planned", "cost_committed", "cost_paid")


@dataclass(frozen=True)
class Family:
    """A family of operations in the territory: quantities in one unit, costs in euros, operations that ended late."""

    id: str
    label: Message
    unit: str
    operations: int
    planned: float | None
    committed: float | None
    delivered: float | None
    cost_planned: float | None
    cost_committed: float | None
    cost_paid: float | None
    late: int
    source: str
    vintage: str

    @property
    def rate(self) -> float | None:
        """Return delivered for 100 planned, None when nothing was planned or the delivery is not known."""
        return None if not self.planned or self.delivered is None else 100 * self.delivered / self.planned


def families(reader: Reader) -> list[Family]:
    """Return the families of operations of the territory, the largest cost first."""
    place = reader.territory
    frame = reader.warehouse.operations(territory=place.code, level=place.level, geography=place.geography)
    found = []
    for (family, unit), part in frame.groupby(["family", "unit"], sort=True):
        sums = {name: _sum(part[name]) for name in (*_QUANTITIES, *_COSTS)}
        late = int((part["end_actual"].fillna("") > part["end_planned"].fillna("9999")).sum())
        first = part.iloc[0]
        reader.used.setdefault(str(first["source"]), set()).add(str(first["vintage"]))
        found.append(
            Family(
                str(family),
                operation_family(str(family)),
                str(unit),
                part["id"].nunique(),  # one row for each funder
                **sums,
                late=late,
                source=str(first["source"]),
                vintage=str(first["vintage"]),
            )
        )
    return sorted(found, key=lambda item: (-(item.cost_planned or 0.0), item.id))


def _sum(column: pd.Series) -> float | None:
    """Return the sum, None when a part of it is not known: a missing quantity is not a zero."""
    return None if column.isna().any() else float(column.sum())


def delivery(reader: Reader, lang: str, family_id: str, indicator: str) -> Result:
    """Return the delivery rate of one family of operations against the convention."""
    found = [item for item in families(reader) if item.id == family_id]
    label = operation_family(family_id)
    if not found or found[0].rate is None:
        sentence = msg("{label}: nothing is planned here, or its delivery is not known", label=label)
        return Result(
            kind="observation",
            lang=lang,
            indicator=indicator,
            breakdown="none",
            label=label,
            period="",
            unit="percent",
            status="missing",
            sentence=sentence,
            headline=sentence,
            uncertainty=NOTHING,
            method="delivery",
            level=reader.territory.level,
        )
    family = found[0]
    assert family.rate is not None
    assert family.planned is not None
    assert family.delivered is not None
    amount = Quantity(family.planned)
    headline = msg("{label}: {rate} of the plan is delivered", label=label, rate=Quantity(family.rate, "percent", 0))
    return Result(
        kind="observation",
        lang=lang,
        indicator=indicator,
        breakdown="none",
        label=label,
        period=family.vintage,
        unit="percent",
        status="published",
        headline=headline,
        sentence=msg(
            "{label}: {delivered} {unit} delivered of the {planned} that the convention plans, {rate}",
            label=label,
            delivered=Quantity(family.delivered),
            unit=unit_word(family.unit),
            planned=amount,
            rate=Quantity(family.rate, "percent", 0),
        ),
        uncertainty=nmsg(
            "{n} operation ended later than planned", "{n} operations ended later than planned", family.late
        ),
        limits=(msg("Delivery says what was built, not what changed for the inhabitants"),),
        value=family.rate,
        n=family.operations,
        method="delivery",
        level=reader.territory.level,
        source=family.source,
        vintage=family.vintage,
        estimate=Estimate(
            value=family.rate,
            method="delivery",
            unit="percent",
            details={"planned": family.planned, "delivered": family.delivered},
        ),
    )
