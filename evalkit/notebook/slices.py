"""One indicator for all that is compared at a level: rows of a few territories, or every known value, without a scan of text each time."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.model.observation import WITH_VALUE, Observation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

_FIELDS = tuple(field.name for field in dataclasses.fields(Observation))


class Slice:
    """The rows of one indicator at one level, as the warehouse gave them: sorted by territory, then period."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
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
        values = self._frame["value"].to_numpy(dtype="float64")
        found = {}
        for period in sorted(periods.texts):
            here = (known & periods.among((period,))).nonzero()[0]
            if len(here):
                found[period] = dict(zip(territories.at(here), values[here].tolist(), strict=True))
        return found

    @functools.cached_property
    def _table(self) -> pa.Table:
        return _table(self._frame)

    def _column(self, name: str) -> _Coded:
        if name not in self._coded:
            self._coded[name] = _Coded(self._frame[name])
        return self._coded[name]


def observations(frame: pd.DataFrame) -> tuple[Observation, ...]:
    """Return the rows of a table as observations; what is not known is None, never NaN."""
    return _observations(_table(frame))


def _table(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame[list(_FIELDS)], preserve_index=False)


def _observations(table: pa.Table) -> tuple[Observation, ...]:
    return tuple(Observation(**row) for row in table.to_pylist())


class _Coded:
    """A column of texts as numbers: which rows hold one of some texts is then a comparison of numbers."""

    def __init__(self, column: pd.Series) -> None:
        import pandas as pd

        self._codes, texts = pd.factorize(column)
        self.texts: list[str] = [str(text) for text in texts]
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
