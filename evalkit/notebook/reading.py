"""Reading the warehouse for one territory: its own series, and the values of what it is set against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from evalkit.catalogue import Catalogue
from evalkit.errors import PlanError, TemplateError
from evalkit.model.indicator import Indicator
from evalkit.model.observation import NO_BREAKDOWN, Observation
from evalkit.model.plan import Comparator, EvaluationPlan, PlanIndicator, Prices
from evalkit.model.territory import Territory
from evalkit.notebook import codes
from evalkit.notebook.series import Group, Series
from evalkit.notebook.slices import HeldSlice, Slice, SliceKey
from evalkit.text import UNITS

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.warehouse.recorder import ReadLog, RecordingWarehouse
    from evalkit.plan import Members

_AHEAD = 20_000  # series


class Reader:
    """Reads one territory's world from the warehouse, each slice once; those in `common` are there already.

    `used` holds the vintages that were read of each data set, `asked` the (indicator, breakdown) that the report is made of.
    """

    def __init__(
        self,
        plan: EvaluationPlan,
        warehouse: RecordingWarehouse,
        territory: Territory,
        catalogue: Catalogue,
        common: Mapping[SliceKey, HeldSlice] | None = None,
    ) -> None:
        self.plan = plan
        self.warehouse = warehouse
        self.territory = territory
        self.catalogue = catalogue
        self.used: dict[str, set[str]] = {}
        self.asked: set[tuple[str, str]] = set()
        self._series: dict[tuple[str, str, str], Series] = {}
        self._common = common or {}
        self._slices: dict[SliceKey, Slice] = {}
        self._ahead: set[tuple[str, ...]] = set()
        self._everyone: tuple[tuple[str, ...], str] | None = None
        self._members: dict[str, Members] = {}
        self._held: dict[tuple[str, str, str], bool] = {}
        self._groups: dict[tuple[str, str, str], Group] = {}

    @property
    def log(self) -> ReadLog:
        """Return what was read so far."""
        return self.warehouse.log

    def indicator(self, id: str) -> Indicator:
        """Return an indicator's definition; raises `TemplateError` for one that does not exist."""
        if id not in self.catalogue:
            raise TemplateError.of(
                codes.UNKNOWN_NAME, kind="indicator", name=id, known=[i.id for i in self.plan.indicators]
            )
        return self.catalogue[id]

    def holds(self, id: str, breakdown: str, level: str) -> bool:
        """Say whether the warehouse holds an indicator, in a breakdown, for any territory of a level."""
        key = (id, breakdown, level)
        if key not in self._held:
            self._held[key] = self.warehouse.holds(*key)
        return self._held[key]

    def prices(self, id: str) -> Prices | None:
        """Return the prices in which a money indicator is shown; None for all others."""
        used = self.plan.indicator(id)
        return used.prices if used is not None and UNITS[self.indicator(id).unit].is_money else None

    def baseline(self, used: PlanIndicator) -> float | None:
        """Return the baseline value of an indicator: the plan's, else the one published for its period."""
        if used.baseline is None or used.baseline.value is not None:
            return None if used.baseline is None else used.baseline.value
        row = self.series(used.id, used.breakdowns[0]).at(used.baseline.period)
        return None if row is None else row.value

    def series(self, id: str, breakdown: str = NO_BREAKDOWN, level: str | None = None) -> Series:
        """Return the territory's own series, or that of its parent at `level`."""
        self.indicator(id)
        where, code, geography = self._place(level)
        self.asked.add((id, breakdown))
        if (id, breakdown, f"{where}/{code}") not in self._series:
            rows = self._read(id, breakdown, where, geography, (code,))
            self._keep(id, breakdown, where, code, rows)
        return self._series[id, breakdown, f"{where}/{code}"]

    def own(self, id: str, breakdown: str = NO_BREAKDOWN, level: str | None = None) -> Series:
        """Return the same series read for itself, without what it could be compared with; the report is not said to be made of it."""
        where, code, geography = self._place(level)
        if (id, breakdown, f"{where}/{code}") not in self._series:
            rows = Slice(self._fetched(id, where, geography, (code,))).rows(breakdown, (code,))
            self._keep(id, breakdown, where, code, rows)
        return self._series[id, breakdown, f"{where}/{code}"]

    def _keep(self, id: str, breakdown: str, level: str, code: str, rows: tuple[Observation, ...]) -> None:
        for row in rows:
            self.used.setdefault(row.source, set()).add(row.vintage)
        key = (id, breakdown, f"{level}/{code}")
        self._series[key] = Series(self.indicator(id), breakdown, code, level, rows, self.prices(id))

    def _place(self, level: str | None) -> tuple[str, str, str]:
        if level in (None, self.territory.level):
            return self.territory.level, self.territory.code, self.territory.geography
        parents = self.territory.parents_at(str(level))
        if not parents:
            raise TemplateError.of(
                codes.UNKNOWN_NAME,
                kind="parent",
                name=str(level),
                known=sorted({p.level for p in self.territory.parents}),
            )
        return parents[0].level, parents[0].code, parents[0].geography

    def group(self, comparator_id: str, id: str, breakdown: str = NO_BREAKDOWN) -> Group:
        """Return the values of a comparator for an indicator."""
        key = (comparator_id, id, breakdown)
        self.asked.add((id, breakdown))
        if key not in self._groups:
            self._groups[key] = self._group(comparator_id, id, breakdown)
        return self._groups[key]

    def _group(self, comparator_id: str, id: str, breakdown: str) -> Group:
        comparator = self.plan.comparator(comparator_id)
        if comparator is None:
            known = [item.id for item in self.plan.comparators]
            raise TemplateError.of(codes.UNKNOWN_NAME, kind="comparator", name=comparator_id, known=known)
        members = self.members(comparator_id)
        if comparator.kind == "rest_of_parent":
            return self._rest(comparator, members, id, breakdown)
        every = self._slice(id, members.level, members.geography, members.codes).values(breakdown)
        chosen = frozenset(members.codes)
        values = {
            period: {code: value for code, value in here.items() if code in chosen} for period, here in every.items()
        }
        return Group(comparator, members.level, tuple(members.codes), {p: here for p, here in values.items() if here})

    def beside(self, comparator_id: str, id: str, breakdown: str, period: str) -> dict[str, Observation]:
        """Return what is known at a period of the territory and of each member of a set, by code, with or without a value."""
        members = self.members(comparator_id)
        self.asked.add((id, breakdown))
        rows = self._read(id, breakdown, members.level, members.geography, (self.territory.code, *members.codes))
        return {row.territory: row for row in rows if row.period == period}

    def members(self, comparator_id: str) -> Members:
        """Return the territories a comparator stands for here."""
        if comparator_id not in self._members:
            from evalkit.plan import comparator_members

            self._members[comparator_id] = comparator_members(
                self.plan, self.warehouse, comparator_id, self.territory.code
            )
        return self._members[comparator_id]

    def _rest(self, comparator: Comparator, members: Members, id: str, breakdown: str) -> Group:
        """Parent minus its priority districts, period by period; a period in which it cannot be had is left out."""
        from evalkit.data.secrecy import rest_of_parent

        indicator = self.indicator(id)
        place = members.parent
        assert place is not None
        parent = self._read(id, breakdown, place.level, place.geography, (place.code,))
        children = self._read(id, breakdown, members.level, members.geography, members.codes)
        found: dict[str, dict[str, float]] = {}
        for period in sorted({row.period for row in parent}):
            whole = [row for row in parent if row.period == period]
            inside = [row for row in children if row.period == period]
            rest = rest_of_parent(whole, inside, indicator, codes=members.codes)
            if rest.value is not None:
                found[period] = {place.code: rest.value}
        return Group(comparator, place.level, (place.code,), found)

    def _read(
        self, id: str, breakdown: str, level: str, geography: str, territories: Sequence[str]
    ) -> tuple[Observation, ...]:
        """Return the rows of one indicator and breakdown for some territories, disclosure rule and prices applied."""
        return self._slice(id, level, geography, territories).rows(breakdown, territories)

    def _slice(self, id: str, level: str, geography: str, territories: Sequence[str]) -> Slice:
        """Return an indicator for all that is compared at a level: one query serves all comparators."""
        codes, listed = self._together(level, geography, territories)
        key = (id, level, geography, listed)
        if key not in self._slices:
            held = self._common.get(key)
            self._slices[key] = (
                Slice(self._fetched(id, level, geography, codes)) if held is None else held.noted(self.log)
            )
        return self._slices[key]

    def _together(self, level: str, geography: str, territories: Sequence[str]) -> tuple[tuple[str, ...], str]:
        """Return the codes that are read when some are asked for, also as one text."""
        if (level, geography) == (self.territory.level, self.territory.geography):
            return self._compared()
        return tuple(territories), "\n".join(territories)

    def _fetched(self, id: str, level: str, geography: str, codes: Sequence[str]) -> pd.DataFrame:
        from evalkit.data.secrecy import apply_disclosure

        self._read_ahead(level, geography, codes)
        frame = self.warehouse.observations(
            indicators=[id], level=level, geography=geography, territories=list(codes), sources=self.plan.sources
        )
        shown = apply_disclosure(frame, self.catalogue, self.plan.disclosure)
        return self._in_prices(id, shown)

    def _read_ahead(self, level: str, geography: str, codes: Sequence[str]) -> None:
        """Have the warehouse read all that the plan asks at a level in one query, where that is not too much to hold or held already."""
        key = (level, geography, *codes)
        listed = self._together(level, geography, codes)[1]
        names = [item.id for item in self.plan.indicators if level in self.catalogue[item.id].levels]
        names = [name for name in names if (name, level, geography, listed) not in self._common]
        if key not in self._ahead and names and len(names) * len(codes) <= _AHEAD:
            self._ahead.add(key)
            self.warehouse.read_ahead(names, list(codes), level, geography, self.plan.sources)

    def compared(self) -> int:
        """Return how many territories of its level are read together with this one."""
        return len(self._compared()[0])

    def held(self) -> dict[SliceKey, HeldSlice]:
        """Return each slice that was read, for other notebooks."""
        from evalkit.data.warehouse.recorder import noted_filters

        found = {}
        for key, part in self._slices.items():
            indicator, level, geography, listed = key
            filters = noted_filters([indicator], listed.splitlines(), level, geography, None, None, self.plan.sources)
            asked = type(self.log)()
            words = asked.described("observations", filters)
            if words in self.log.entries:
                found[key] = HeldSlice(part, words, self.log.entries[words], asked.lists)
        return found

    def _compared(self) -> tuple[tuple[str, ...], str]:
        """Return the territory and every territory of its level that a comparator of the plan needs, also as one text."""
        if self._everyone is None:
            found = {self.territory.code}
            for comparator in self.plan.comparators:
                with suppress(PlanError):
                    members = self.members(comparator.id)
                    if (members.level, members.geography) == (self.territory.level, self.territory.geography):
                        found.update(members.codes)
            codes = tuple(sorted(found))
            self._everyone = codes, "\n".join(codes)
        return self._everyone

    def _in_prices(self, id: str, frame: pd.DataFrame) -> pd.DataFrame:
        prices = self.prices(id)
        if prices is None or prices.year is None or frame.empty:
            return frame
        from evalkit.data.deflate import deflate

        return deflate(frame, base=prices.year, deflator=prices.deflator)
