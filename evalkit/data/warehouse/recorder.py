"""A warehouse that notes what is asked of it: each question in canonical words, with the hash of its answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from evalkit.data.warehouse._digest import digest
from evalkit.data.warehouse._store import Warehouse
from evalkit.model.territory import Parent, Territory

if TYPE_CHECKING:
    import pandas as pd

    from evalkit.data.crosswalk import Crosswalk
    from evalkit.model.indicator import Indicator
    from evalkit.model.plan import DataSource, Selection

LONG = 20
"""A longer list of codes is kept once, under its hash, for many questions name the same territories."""
Answers = Mapping[str, tuple[str, Any]]
"""Answers by their question in canonical words, each after its hash."""
PLAN_TERRITORIES = "plan_territories"
"""The question for the territories of the plan: what it selects stands in the plan, so that it is asked again of the plan of the day."""


class ReadLog:
    """The questions that were asked, each once: `entries` gives the hash of the answer, `lists` the codes that questions name by hash."""

    def __init__(self) -> None:
        self.entries: dict[str, str] = {}
        self.lists: dict[str, tuple[str, ...]] = {}
        self.listener: Callable[[str, str], None] | None = None

    def note(self, question: str, answer: object, **filters: object) -> None:
        """Note a question with its filters (None leaves one out) and the hash of its answer."""
        self.keep(self.described(question, filters), digest(answer))

    def keep(self, words: str, found: str) -> None:
        """Keep a question in its canonical words; the listener hears of a new one."""
        if self.entries.get(words) == found:
            return
        self.entries[words] = found
        if self.listener is not None:
            self.listener(words, found)

    def described(self, question: str, filters: Mapping[str, object]) -> str:
        """Return a question in its canonical words."""
        given = {name: self._short(value) for name, value in filters.items() if value is not None and value != ()}
        return json.dumps({"ask": question, **given}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def _short(self, value: object) -> object:
        if isinstance(value, str | bool | Mapping):
            return value
        if not isinstance(value, Sequence):
            return [value]
        items = list(value)
        if len(items) <= LONG or not all(isinstance(item, str) for item in items):
            return items
        codes = tuple(sorted(items))
        name = hashlib.sha256("\n".join(codes).encode()).hexdigest()[:16]
        self.lists[name] = codes
        return f"#{name}"


class RecordingWarehouse(Warehouse):
    """A warehouse whose `log` keeps what was asked of it; `plan_selection` is what the plan selects.

    A dictionary given as `answered` collects the answers themselves. Which files rows came from (`files`) is not noted: it says where
    an answer comes from, not what it is.
    """

    def __init__(self, root: Path, catalogue: Mapping[str, Indicator] | None = None) -> None:
        super().__init__(root, catalogue)
        self.log = ReadLog()
        self.plan_selection: Selection | None = None
        self.answered: dict[str, tuple[str, Any]] | None = None
        self._remembered: Answers = {}
        self._depth = 0

    def knowing(self, selection: Selection) -> Self:
        """Return self, told what the plan selects."""
        self.plan_selection = selection
        return self

    def remembering(self, answers: Answers) -> Self:
        """Return self, told answers of this very state of the warehouse: they are noted as ever, and not looked up again."""
        self._remembered = answers
        return self

    @contextmanager
    def _asking(self) -> Iterator[bool]:
        """Say whether this is a question from outside, not one that another question asks on its way."""
        self._depth += 1
        try:
            yield self._depth == 1
        finally:
            self._depth -= 1

    def _noted(self, question: str, ask: Callable[[], Any], **filters: object) -> Any:
        with self._asking() as outside:
            if not outside:
                return ask()
            words = self.log.described(question, filters)
            known = self._remembered.get(words)
            answer = ask() if known is None else _anew(known[1])
        found = digest(answer) if known is None else known[0]
        self.log.keep(words, found)
        if self.answered is not None:
            self.answered[words] = (found, _anew(answer))
        return answer

    def observations(
        self,
        indicators: Sequence[str] | None = None,
        territories: Sequence[str] | None = None,
        level: str | None = None,
        geography: str | None = None,
        periods: Sequence[str] | None = None,
        breakdowns: Sequence[str] | None = None,
        sources: Sequence[DataSource] = (),
    ) -> pd.DataFrame:
        """Return preferred rows, noted."""
        wanted = (indicators, territories, level, geography, periods, breakdowns)
        found: pd.DataFrame = self._noted(
            "observations",
            lambda: super(RecordingWarehouse, self).observations(*wanted, sources),
            **noted_filters(*wanted, sources),
        )
        return found

    def all_observations(
        self,
        indicators: Sequence[str] | None = None,
        territories: Sequence[str] | None = None,
        level: str | None = None,
        geography: str | None = None,
        periods: Sequence[str] | None = None,
        breakdowns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return the rows of every delivery, noted."""
        wanted = (indicators, territories, level, geography, periods, breakdowns)
        found: pd.DataFrame = self._noted(
            "all_observations",
            lambda: super(RecordingWarehouse, self).all_observations(*wanted),
            **noted_filters(*wanted),
        )
        return found

    def noted(self) -> pd.DataFrame:
        """Return the missing values that adapters explained, noted."""
        found: pd.DataFrame = self._noted("noted", super().noted)
        return found

    def observed_places(self) -> pd.DataFrame:
        """Return which data set observes which place, noted."""
        found: pd.DataFrame = self._noted("observed_places", super().observed_places)
        return found

    def territory(self, level: str, code: str, geography: str) -> Territory | None:
        """Return a territory, noted."""
        ask = super().territory
        found: Territory | None = self._noted(
            "territory", lambda: ask(level, code, geography), level=level, code=code, geography=geography
        )
        return found

    def territories(
        self,
        level: str | None = None,
        geography: str | None = None,
        codes: Sequence[str] | None = None,
        *,
        geometry: bool = True,
    ) -> pd.DataFrame:
        """Return the rows of territories, noted."""
        ask = super().territories
        found: pd.DataFrame = self._noted(
            "territories",
            lambda: ask(level, geography, codes, geometry=geometry),
            level=level,
            geography=geography,
            codes=codes,
            geometry=geometry,
        )
        return found

    def ancestors(self, level: str, code: str, geography: str) -> tuple[Parent, ...]:
        """Return the parents of a territory, noted."""
        ask = super().ancestors
        found: tuple[Parent, ...] = self._noted(
            "ancestors", lambda: ask(level, code, geography), level=level, code=code, geography=geography
        )
        return found

    def places(self, level: str, geography: str, codes: Sequence[str] | None = None) -> dict[str, Territory]:
        """Return territories by code, noted."""
        ask = super().places
        found: dict[str, Territory] = self._noted(
            "places", lambda: ask(level, geography, codes), level=level, geography=geography, codes=codes
        )
        return found

    def name(self, level: str, code: str, geography: str) -> str:
        """Return the name of a territory, noted."""
        ask = super().name
        found: str = self._noted(
            "name", lambda: ask(level, code, geography), level=level, code=code, geography=geography
        )
        return found

    def select(self, selection: Selection, level: str, geography: str) -> tuple[str, ...]:
        """Return the codes that a selection asks for, noted; the plan's own selection is noted as such."""
        ask = super().select
        own = selection == self.plan_selection
        found: tuple[str, ...] = self._noted(
            PLAN_TERRITORIES if own else "select",
            lambda: ask(selection, level, geography),
            level=level,
            geography=geography,
            selection=None if own else selection_words(selection),
        )
        return found

    def geometries(self, level: str, geography: str, codes: Sequence[str]) -> dict[str, Any]:
        """Return shapes, noted."""
        ask = super().geometries
        found: dict[str, Any] = self._noted(
            "geometries", lambda: ask(level, geography, codes), level=level, geography=geography, codes=codes
        )
        return found

    def operations(
        self,
        territory: str | None = None,
        level: str | None = None,
        geography: str | None = None,
        programme: str | None = None,
    ) -> pd.DataFrame:
        """Return operations, noted."""
        return self._noted_records("operations", super().operations, territory, level, geography, programme)

    def structures(
        self,
        territory: str | None = None,
        level: str | None = None,
        geography: str | None = None,
        programme: str | None = None,
    ) -> pd.DataFrame:
        """Return structures, noted."""
        return self._noted_records("structures", super().structures, territory, level, geography, programme)

    def _noted_records(self, kind: str, ask: Callable[..., pd.DataFrame], *given: str | None) -> pd.DataFrame:
        filters = dict(zip(("territory", "level", "geography", "programme"), given, strict=True))
        found: pd.DataFrame = self._noted(kind, lambda: ask(**filters), **filters)
        return found

    def references(self, list: str) -> pd.DataFrame:
        """Return a reference list, noted."""
        ask = super().references
        found: pd.DataFrame = self._noted("references", lambda: ask(list), list=list)
        return found

    def sources(self) -> pd.DataFrame:
        """Return every delivery, noted: any new data set changes the answer, ask `files` for those of one."""
        found: pd.DataFrame = self._noted("sources", super().sources)
        return found

    def coverage(self) -> pd.DataFrame:
        """Return what is held of everything, noted: ask `holds` or `has_records` for one thing."""
        found: pd.DataFrame = self._noted("coverage", super().coverage)
        return found

    def holds(self, indicator: str, breakdown: str, level: str) -> bool:
        """Say whether an indicator is held, noted."""
        ask = super().holds
        found: bool = self._noted(
            "holds", lambda: ask(indicator, breakdown, level), indicator=indicator, breakdown=breakdown, level=level
        )
        return found

    def has_records(self, kind: str, level: str, geography: str, territory: str | None = None) -> bool:
        """Say whether there are operations or structures, noted."""
        ask = super().has_records
        filters = {"kind": kind, "level": level, "geography": geography}
        found: bool = self._noted(
            "has_records", lambda: ask(kind, level, geography, territory), **filters, territory=territory
        )
        return found

    def has_crosswalk(self, level: str, from_geography: str, to_geography: str) -> bool:
        """Say whether a crosswalk is there, noted."""
        ask = super().has_crosswalk
        filters = {"level": level, "from_geography": from_geography, "to_geography": to_geography}
        found: bool = self._noted("has_crosswalk", lambda: ask(**filters), **filters)
        return found

    def crosswalk(self, level: str, from_geography: str, to_geography: str) -> Crosswalk | None:
        """Return a crosswalk, noted."""
        ask = super().crosswalk
        filters = {"level": level, "from_geography": from_geography, "to_geography": to_geography}
        with self._asking() as outside:
            found = ask(**filters)
        if outside:
            self.log.note("crosswalk", None if found is None else found.to_csv().decode(), **filters)
        return found


def _anew(answer: Any) -> Any:
    """Return an answer that who asked may change: those who ask after it get what was found."""
    import pandas as pd

    if isinstance(answer, pd.DataFrame):
        return answer.copy(deep=False)
    return dict(answer) if isinstance(answer, dict) else answer


def noted_filters(
    indicators: Sequence[str] | None,
    territories: Sequence[str] | None,
    level: str | None,
    geography: str | None,
    periods: Sequence[str] | None,
    breakdowns: Sequence[str] | None,
    sources: Sequence[DataSource] = (),
) -> dict[str, object]:
    """Return the filters of a question about observations as they are noted."""
    names = {"indicators": indicators, "territories": territories, "periods": periods, "breakdowns": breakdowns}
    lists = {name: None if values is None else sorted(set(values)) for name, values in names.items()}
    pins = [[source.dataset, source.vintage] for source in sources] or None
    return {**lists, "level": level, "geography": geography, "sources": pins}


def selection_words(selection: Selection) -> dict[str, object]:
    """Return a selection as plain words, its empty parts left out."""
    words = {
        "codes": list(selection.codes),
        "parents": {key: list(codes) for key, codes in sorted(selection.parents.items())},
        "tags": list(selection.tags),
        "limit": selection.limit,
    }
    return {name: value for name, value in words.items() if value}
