"""Noted questions asked again of a warehouse: is the answer still the same? Each question is asked once, whoever noted it."""

from __future__ import annotations

import functools
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from evalkit.data.warehouse._digest import digest
from evalkit.data.warehouse._observations import Wanted
from evalkit.data.warehouse._record import current
from evalkit.data.warehouse._slices import ROOM, Slices
from evalkit.data.warehouse._store import Warehouse
from evalkit.data.warehouse.recorder import PLAN_TERRITORIES, ReadLog, RecordingWarehouse, noted_filters
from evalkit.errors import DataError
from evalkit.model.plan import DataSource, Selection

if TYPE_CHECKING:
    from evalkit.model.territory import Territory

_MANY, _LISTS = 8, 8
_KINDS = {
    "operations": "operations",
    "structures": "structures",
    "references": "references",
    "observations": "observations",
    "holds": "observations",
}
QUESTIONS = frozenset(
    name for name in vars(RecordingWarehouse) if not name.startswith("_") and name not in ("knowing", "remembering")
)
"""What can be asked again: nothing that changes a warehouse, whatever a run folder says."""
_EVERYTHING = frozenset({"all_observations", "noted", "observed_places", "sources", "coverage"})
_CROSSWALKS = frozenset({"crosswalk", "has_crosswalk"})


class Rereader:
    """Asks noted questions of a warehouse of today; `lists` finds the codes that a question names by hash.

    Those who ask the same state of a warehouse share what was read of it; `room` is how many bytes whole slices may take.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        selection: Selection,
        lists: Callable[[str], tuple[str, ...] | None],
        *,
        room: int = ROOM,
    ) -> None:
        self._warehouse = _shared(warehouse.root, selection, room)
        self._selection = selection
        self._lists = functools.lru_cache(_LISTS)(lists)
        self._known: dict[str, str | None] = {}

    def digest(self, words: str) -> str | None:
        """Return the hash of today's answer to a question in canonical words, None when it cannot be asked again."""
        if words not in self._known:
            self._known[words] = self._ask(words)
        return self._known[words]

    def _ask(self, words: str) -> str | None:
        filters = json.loads(words)
        question = filters.pop("ask")
        resolved = {name: self._resolved(value) for name, value in filters.items()}
        if None in resolved.values():
            return None
        if "sources" in resolved:
            resolved["sources"] = [DataSource(*source) for source in resolved["sources"]]
        if question in ("select", PLAN_TERRITORIES):
            chosen = self._selection if question == PLAN_TERRITORIES else _selection(resolved.pop("selection", {}))
            resolved, question = {**resolved, "selection": chosen}, "select"
        if question not in QUESTIONS:
            return None
        try:
            return self._warehouse.noted_answer(question, resolved).get(words)
        except (DataError, TypeError):  # the data are no longer there, or another evalkit noted the question
            return None

    def _resolved(self, value: Any) -> Any:
        return self._lists(value[1:]) if isinstance(value, str) and value.startswith("#") else value


def _selection(words: Mapping[str, Any]) -> Selection:
    parents = {key: tuple(codes) for key, codes in words.get("parents", {}).items()}
    return Selection(tuple(words.get("codes", ())), parents, tuple(words.get("tags", ())), words.get("limit"))


def _set(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(set(names)))


class _Bulk(RecordingWarehouse):
    """Reads whole slices when many questions are parts of one: a question about one territory then costs no query.

    It keeps no question: each is asked once, and there are as many as all tasks of a run noted.
    """

    def __init__(self, root: Path, room: int) -> None:
        super().__init__(root)
        self._times: Counter[str] = Counter()
        self._slices = Slices(lambda: self._views, self.records, room)
        self._places: dict[str, dict[str, Territory]] = {}

    def noted_answer(self, question: str, filters: Mapping[str, Any]) -> dict[str, str]:
        """Return what is noted of a question: its canonical words, and the hash of its answer."""
        self.log = ReadLog()
        try:
            if question != "observations" or not self._note_part(**filters):
                getattr(self, question)(**filters)
            return self.log.entries
        finally:
            self._kept.clear()

    def _note_part(
        self,
        indicators: Sequence[str] | None = None,
        territories: Sequence[str] | None = None,
        level: str | None = None,
        geography: str | None = None,
        periods: Sequence[str] | None = None,
        breakdowns: Sequence[str] | None = None,
        sources: Sequence[DataSource] = (),
    ) -> bool:
        """Note the preferred rows of some territories out of their whole slice; return False when they have to be asked for alone."""
        if territories is None or level is None:
            return False
        wanted = Wanted(_set(indicators), None, level, geography, _set(periods), _set(breakdowns))
        found = self._slices.digest(wanted, tuple(sources), territories)
        if found is None:
            return False
        filters = noted_filters(indicators, territories, level, geography, periods, breakdowns, sources)
        self.log.keep(self.log.described("observations", filters), found)
        return True

    def territory(self, level: str, code: str, geography: str) -> Territory | None:
        """Return a territory, noted: out of all those of its level once several were asked for."""
        words = f"{level}/{geography}"
        self._times[words] += 1
        if words not in self._places and self._times[words] < _MANY:
            return super().territory(level, code, geography)
        if words not in self._places:
            self._places[words] = Warehouse.places(self, level, geography)
        found = self._places[words].get(code)
        self.log.note("territory", found, level=level, code=code, geography=geography)
        return found


_SHARED: WeakValueDictionary[tuple[Path, str, str, int], _Bulk] = WeakValueDictionary()


def _shared(root: Path, selection: Selection, room: int) -> _Bulk:
    """Return the one who reads this state of a warehouse, for as long as anyone asks."""
    opened = _Bulk(root, room).knowing(selection)
    return _SHARED.setdefault((root, opened.fingerprint(), repr(selection), room), opened)


def snapshot(warehouse: Warehouse) -> dict[str, Any]:
    """Return, ready for JSON, which deliveries a warehouse reads and what is in them: enough to know which answers cannot have changed."""
    ranked = sorted(current(warehouse.records), key=lambda r: (r.priority, -r.sequence, r.id))
    rows = [[r.id, r.sequence, r.dataset, r.vintage, dict(r.parquet), [list(s) for s in r.slices]] for r in ranked]
    crosswalks = hashlib.sha256()
    for path in sorted((warehouse.root / "crosswalks").rglob("*.csv")):
        crosswalks.update(path.relative_to(warehouse.root).as_posix().encode() + b"\0" + path.read_bytes())
    return {"deliveries": rows, "crosswalks": crosswalks.hexdigest()}


def signature(taken: Mapping[str, Any], words: str) -> str:
    """Return a hash of all that the answer to a question depends on in a snapshot (parsed); equal hashes give equal answers."""
    filters = json.loads(words)
    question = filters["ask"]
    if question in _EVERYTHING:
        return digest(taken)
    if question in _CROSSWALKS:
        return str(taken["crosswalks"])
    kind = filters.get("kind") or _KINDS.get(question, "territories")
    concerned = [
        [delivery[0], delivery[1], delivery[4][kind]]
        for delivery in taken["deliveries"]
        if kind in delivery[4] and (kind != "observations" or _concerns(filters, delivery[5]))
    ]
    return digest(concerned)


def _concerns(filters: Mapping[str, Any], slices: list[list[str]]) -> bool:
    indicators = filters.get("indicators") or ([filters["indicator"]] if "indicator" in filters else None)
    if isinstance(indicators, str):
        return True
    return any(
        (indicators is None or indicator in indicators)
        and filters.get("level") in (None, level)
        and filters.get("geography") in (None, geography)
        for indicator, level, geography in slices
    )
