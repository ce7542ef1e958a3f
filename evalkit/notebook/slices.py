"""One indicator for all that is compared at a level: rows of a few territories, or every known value, without a scan of text each time."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.model.observation import WITH_VALUE, Observation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

    from evalkit.data.warehouse.recorder import ReadLog

_CHOSEN_BY = ("breakdown", "period", "status", "territory")
SliceKey = tuple[str, str, str, str]
"""Indicator, level, geography, and the codes that a slice is of, a line each."""
_FIELDS = tuple(field.name for field in dataclasses.fields(Observation))


class Slice:
    """The rows of one indicator at one level, as the warehouse gave them: sorted by territory, then period."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._table = _table(frame)
        self._coded: dict[str, _Coded] = {}
        self._values: dict[str, Mapping[str, Mapping[str, float]]] = {}

    def rows(self, breakdown: str, territories: Sequence[str]) -> tuple[Observation, ...]:
        """Return the rows of one breakdown for some territories; what is not known is None, never NaN."""
        chosen = self._column("breakdown").among((breakdown,)) & self._column("territory").among(territories)
        return _observations(self._table.take(chosen.nonzero()[0]))

    def values(self, breakdown: str) -> Mapping[str, Mapping[str, float]]:
        """Return the known values of one breakdown by period, then by territory."""
        if breakdown not in self._values:
            self._values[breakdown] = self._known(breakdown)
        return self._values[breakdown]

    def _known(self, breakdown: str) -> dict[str, dict[str, float]]:
        known = self._column("breakdown").among((breakdown,)) & self._column("status").among(WITH_VALUE)
        periods, territories = self._column("period"), self._column("territory")
        values = self._table["value"].to_numpy()
        found = {}
        for period in sorted(periods.texts):
            here = (known & periods.among((period,))).nonzero()[0]
            if len(here):
                found[period] = dict(zip(territories.at(here), values[here].tolist(), strict=True))
        return found

    def __len__(self) -> int:
        """Return how many rows there are."""
        return int(self._table.num_rows)

    def compact(self) -> None:
        """Hold each text once, and have the columns ready by which rows are chosen: for a slice that is read many times."""
        import pyarrow as pa

        for number, field in enumerate(self._table.schema):
            if pa.types.is_large_string(field.type):
                self._table = self._table.set_column(number, field.name, self._table[field.name].dictionary_encode())
        for name in _CHOSEN_BY:
            self._column(name)

    def _column(self, name: str) -> _Coded:
        if name not in self._coded:
            self._coded[name] = _Coded(self._table[name])
        return self._coded[name]


@dataclasses.dataclass(frozen=True)
class HeldSlice:
    """A slice that was read for many notebooks, with the question it answers, the hash of the answer, and the codes it names."""

    slice: Slice
    words: str
    found: str
    lists: Mapping[str, tuple[str, ...]]

    def noted(self, log: ReadLog) -> Slice:
        """Return the slice; its question is noted as if it had been asked."""
        log.lists.update(self.lists)
        log.keep(self.words, self.found)
        return self.slice


def observations(frame: pd.DataFrame) -> tuple[Observation, ...]:
    """Return the rows of a table as observations; what is not known is None, never NaN."""
    return _observations(_table(frame))


def _table(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame[list(_FIELDS)], preserve_index=False).replace_schema_metadata()


def _observations(table: pa.Table) -> tuple[Observation, ...]:
    return tuple(Observation(**row) for row in table.to_pylist())


class _Coded:
    """A column of texts as numbers: which rows hold one of some texts is then a comparison of numbers."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        import pyarrow as pa

        texts = column.combine_chunks()
        coded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
        self._codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        self.texts: list[str] = coded.dictionary.to_pylist()
        self._numbers = {text: number for number, text in enumerate(self.texts)}

    def among(self, texts: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Say for each row whether it holds one of the texts."""
        import numpy as np

        wanted = np.zeros(len(self.texts) + 1, dtype=bool)  # the last for rows without a text, which have number -1
        wanted[[self._numbers[text] for text in texts if text in self._numbers]] = True
        found: npt.NDArray[np.bool_] = wanted[self._codes]
        return found

    def at(self, places: npt.NDArray[Any]) -> list[str]:
        """Return the texts of some rows, each held once."""
        return [self.texts[number] for number in self._codes[places].tolist()]
