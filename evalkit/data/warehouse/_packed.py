"""Observations packed so small that many slices of them fit into memory: rows of some territories are found without a look at the others."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from evalkit.data.delivery import OBSERVATION_NUMBERS
from evalkit.data.warehouse._digest import digest_columns, digest_of_parts, parts_of
from evalkit.data.warehouse._order import ORDER

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TERRITORY = "territory"
_TINY, _SHORT = 1 << 8, 1 << 16
_ALIKE = (
    "indicator",
    "level",
    "geography",
)  # where these are the same, rows by territory are in the order of the warehouse
_COUNTS = 32  # answers of so many lengths: for each, the constant columns are written once


def width(column: str, values: int) -> int:
    """Return how many bytes a row takes of a column that has so many values."""
    if values <= _TINY:
        return 1
    return 2 if values <= _SHORT else 8 if column in OBSERVATION_NUMBERS else 4


class Common:
    """What slices have in common: the number of each territory, and the arrays that are alike, such as the periods of a panel."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._kept: WeakValueDictionary[bytes, Any] = WeakValueDictionary()

    def numbered(self, territories: Sequence[str]) -> np.ndarray:
        """Return the numbers of territories; one that is new gets the next."""
        import numpy as np

        return np.array([self._numbers.setdefault(c, len(self._numbers)) for c in territories], dtype=np.int64)

    def known(self, territories: Sequence[str]) -> np.ndarray:
        """Return the numbers of those territories that have one."""
        import numpy as np

        found = (self._numbers.get(code) for code in territories)
        return np.array([number for number in found if number is not None], dtype=np.int64)

    def once(self, array: Any, content: bytes) -> Any:
        """Return an array, or one of the same content that a slice holds already."""
        return self._kept.setdefault(hashlib.sha256(content).digest(), array)


@dataclass(frozen=True)
class _Column:
    """The values that occur, and which of them each row has; without `codes` there is one value for each row."""

    values: pa.Array
    codes: np.ndarray | None

    @property
    def is_told(self) -> bool:
        """Say whether each row has a value."""
        return int(self.values.null_count) == 0

    def at(self, rows: np.ndarray) -> pa.Array:
        import pyarrow as pa

        return self.values.take(pa.array(rows if self.codes is None else self.codes[rows]))

    def sorted(self) -> tuple[pa.Array, np.ndarray]:
        """Return the values in their order, and the place among them of the value of each row."""
        import numpy as np
        import pyarrow.compute as pc

        order = np.asarray(pc.sort_indices(self.values))
        places = np.empty(len(order), dtype=np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return self.values.take(order), places[self.codes]

    def in_order(self, order: np.ndarray) -> _Column:
        """Return the column with its rows in another order."""
        if self.codes is None:
            return _Column(self.at(order), None)
        return _Column(self.values, self.codes[order])


class Packed:
    """The rows of a slice by territory, ready to be hashed as the warehouse's answer would be: from its columns, the constant ones as one value."""

    def __init__(self, varying: pa.Table, constants: Mapping[str, pa.Array], common: Common) -> None:
        import numpy as np

        columns = {name: _packed(varying[name], name) for name in varying.column_names}
        self._is_sorted = not set(columns) & set(_ALIKE) and all(columns[n].is_told for n in ORDER if n in columns)
        names, runs = columns.pop(TERRITORY).sorted()
        keys = [runs, *(columns[name].sorted()[1] for name in ORDER if name in columns)]
        order = np.lexsort(keys[::-1])
        if not bool((order[1:] > order[:-1]).all()):
            columns = {name: column.in_order(order) for name, column in columns.items()}
        found = common.numbered(names.to_pylist())
        ends = np.cumsum(np.bincount(runs, minlength=len(names)), dtype=np.int64)
        places = np.full(int(found.max(initial=-1)) + 1, -1, dtype=np.int32)
        places[found] = np.arange(len(names), dtype=np.int32)
        self._names = common.once(names, b"names" + found.tobytes())
        self._ends = common.once(ends, b"ends" + ends.tobytes())
        self._places = common.once(places, b"places" + places.tobytes())
        self._columns = {name: _kept(column, common) for name, column in columns.items()}
        self._constants = {name: _plain(value, name) for name, value in constants.items()}
        self._constant_parts = functools.lru_cache(_COUNTS)(self._written)

    def arrays(self) -> Iterator[Any]:
        """Yield the arrays that it holds; other slices may hold the same."""
        yield from (self._names, self._ends, self._places)
        for column in self._columns.values():
            yield column.values
            if column.codes is not None:
                yield column.codes

    def digest(self, numbers: np.ndarray) -> str:
        """Return the hash of the rows of the territories of these numbers, each once whoever is named twice."""
        import numpy as np

        places = self._places[numbers[numbers < len(self._places)]]
        runs = np.unique(places[places >= 0])
        counts = self._counts(runs)
        rows = np.repeat(self._ends[runs] - np.cumsum(counts), counts) + np.arange(counts.sum())
        if not self._is_sorted:
            return digest_columns(self._at(runs, rows), len(rows))
        parts = {name: parts_of(column) for name, column in self._varying(runs, rows).items()}
        return digest_of_parts(parts | self._constant_parts(len(rows)), len(rows))

    def _counts(self, runs: np.ndarray) -> np.ndarray:
        import numpy as np

        counts: np.ndarray = self._ends[runs] - np.where(runs > 0, self._ends[runs - 1], 0)
        return counts

    def _varying(self, runs: np.ndarray, rows: np.ndarray) -> dict[str, pa.Array]:
        import numpy as np
        import pyarrow as pa

        names = self._names.take(pa.array(np.repeat(runs, self._counts(runs))))
        return {TERRITORY: names} | {name: column.at(rows) for name, column in self._columns.items()}

    def _same(self, count: int) -> dict[str, pa.Array]:
        import numpy as np
        import pyarrow as pa

        first = pa.array(np.zeros(count, dtype=np.int8))
        return {name: value.take(first) for name, value in self._constants.items()}

    def _at(self, runs: np.ndarray, rows: np.ndarray) -> dict[str, pa.Array]:
        return self._varying(runs, rows) | self._same(len(rows))

    def _written(self, count: int) -> dict[str, list[bytes]]:
        return {name: parts_of(column) for name, column in self._same(count).items()}


def _kept(column: _Column, common: Common) -> _Column:
    return column if column.codes is None else _Column(column.values, common.once(column.codes, column.codes.tobytes()))


def _packed(found: pa.ChunkedArray, name: str) -> _Column:
    """Return a column as the values that occur and which of them each row has, or as it is where nearly each number is another one."""
    import numpy as np
    import pyarrow as pa

    plain = _plain(found, name)
    is_number = name in OBSERVATION_NUMBERS
    if is_number and len(plain[: 2 * _SHORT].unique()) > _SHORT:
        return _Column(plain, None)
    coded = plain.dictionary_encode()
    values, codes = coded.dictionary, coded.indices
    if codes.null_count:
        codes = codes.fill_null(len(values))
        values = pa.concat_arrays([values, pa.nulls(1, values.type)])
    size = width(name, len(values))
    return _Column(plain, None) if size == 8 else _Column(values, np.asarray(codes).astype(f"u{size}"))


def _plain(found: Any, name: str) -> pa.Array:
    """Return a column in one piece, of the type that is hashed; a number that is not one is not known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    if name not in OBSERVATION_NUMBERS:
        return whole.cast(pa.large_string())
    whole = whole.cast(pa.float64())
    odd = pc.fill_null(pc.is_nan(whole), False)
    return pc.if_else(odd, pa.scalar(None, pa.float64()), whole) if pc.any(odd).as_py() else whole
