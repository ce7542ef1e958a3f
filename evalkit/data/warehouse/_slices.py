"""Whole slices of observations held while many questions are parts of them, in so much memory and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalkit.data.delivery import OBSERVATION_COLUMNS, OBSERVATION_NUMBERS
from evalkit.data.warehouse._digest import PROVENANCE
from evalkit.data.warehouse._observations import Variety, Wanted, preferred_columns, rows_about, variety
from evalkit.data.warehouse._packed import TERRITORY, Common, Packed, width
from evalkit.data.warehouse._record import DeliveryRecord
from evalkit.data.warehouse._views import Views
from evalkit.errors import DataError

if TYPE_CHECKING:
    from evalkit.model.plan import DataSource

ROOM = 180_000_000
"""Bytes that the slices of a warehouse may take together: 35,000 territories x 20 years x 30 indicators whose values are all different."""
_OFTEN = 8  # a slice is worth reading once so many parts of it were asked for,
_ROWS_EACH = 30_000  # and one for so many of its rows: it costs as much as to find those parts one by one
_WHILE_READ = 12  # bytes that a value takes, about, before it is packed: all of a slice do not take more than the room
_COLUMNS = tuple(column for column in OBSERVATION_COLUMNS if column not in PROVENANCE)


@dataclass
class _Slice:
    """A slice that questions are parts of: how often it was asked for since when, what is in it, and its rows once they are held."""

    wanted: Wanted
    sources: tuple[DataSource, ...]
    often: int
    asked: int = 0
    since: int = 0
    used: int = 0
    count: int = 0
    columns: dict[str, Variety] = field(default_factory=dict)
    rows: Packed | None = None

    @property
    def varying(self) -> list[str]:
        """Return the columns that do not say the same everywhere."""
        return [name for name, found in self.columns.items() if not found.is_same or name == TERRITORY]

    @property
    def needs(self) -> int:
        """Return the bytes that its rows take, about."""
        return self.count * sum(width(name, self.columns[name].values) for name in self.varying)


class Slices:
    """Answers questions about some territories out of their whole slice, as a hash.

    A slice is read once it was asked for often. When there is no room for it, only those give way that were not asked for meanwhile:
    what is asked in turns would otherwise be read at every turn.
    """

    def __init__(self, views: Callable[[], Views], records: Sequence[DeliveryRecord], room: int = ROOM) -> None:
        self._views = views
        self._records = records
        self._room = room
        self._slices: dict[tuple[Wanted, tuple[DataSource, ...]], _Slice] = {}
        self._common = Common()
        self._clock = 0

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rows that are held."""
        return _nbytes(self._slices.values())

    def digest(self, wanted: Wanted, sources: tuple[DataSource, ...], territories: Sequence[str]) -> str | None:
        """Return the hash of the preferred rows of some territories in a slice; None when they are better asked for alone."""
        key = (wanted, sources)
        if key not in self._slices:
            about = rows_about(self._records, wanted)
            self._slices[key] = _Slice(wanted, sources, max(_OFTEN, about // _ROWS_EACH) if about else 0)
        found = self._slices[key]
        self._clock += 1
        found.used = self._clock
        if found.rows is None and self._is_often(found):
            try:
                found.rows = self._read(found) if self._has_room(found) else None
            except DataError:  # what is damaged need not be what was asked for
                found.often = 0
        return None if found.rows is None else found.rows.digest(self._common.known(territories))

    def _is_often(self, found: _Slice) -> bool:
        """Say whether a slice was asked for often enough, then count anew."""
        if not found.asked:
            found.since = self._clock
        found.asked += 1
        if not found.often or found.asked <= found.often:
            return False
        found.asked = 0
        return True

    def _has_room(self, found: _Slice) -> bool:
        """Say whether there is room for a slice, which those that were not asked for since it was give way to."""
        if not found.columns:
            found.count, found.columns = variety(self._views(), self._records, found.wanted, found.sources, _COLUMNS)
        if found.count * len(found.varying) * _WHILE_READ > self._room:
            return False
        held = sorted((other for other in self._slices.values() if other.rows is not None), key=lambda s: s.used)
        idle = [other for other in held if other.used < found.since]
        for count in range(len(idle) + 1):
            if _nbytes(held[count:]) + found.needs <= self._room:
                for other in idle[:count]:
                    other.rows = None
                return True
        return False

    def _read(self, found: _Slice) -> Packed:
        import pyarrow as pa

        table = preferred_columns(self._views(), self._records, found.wanted, found.sources, found.varying)
        constants = {
            name: pa.array([told.least], pa.float64() if name in OBSERVATION_NUMBERS else pa.large_string())
            for name, told in found.columns.items()
            if name not in found.varying
        }
        return Packed(table, constants, self._common)


def _nbytes(slices: Iterable[_Slice]) -> int:
    """Return the bytes of the rows that are held, what several slices hold counted once."""
    arrays = {id(array): array for found in slices if found.rows is not None for array in found.rows.arrays()}
    return sum(array.nbytes for array in arrays.values())
