"""One indicator for all that is compared at a level: rows of a few territories, or every known value, without a scan of text each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evalkit.model.observation import WITH_VALUE

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

_LOOKED_AT = ("territory", "period", "breakdown", "status")  # many small looks follow: text of Arrow takes long at each


class Slice:
    """The rows of one indicator at one level, as the warehouse gave them: sorted by territory, then period."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._coded: dict[str, _Coded] = {}
        self._values: dict[str, Mapping[str, Mapping[str, float]]] = {}

    def rows(self, breakdown: str, territories: Sequence[str]) -> pd.DataFrame:
        """Return the rows of one breakdown for some territories."""
        chosen = self._column("breakdown").among((breakdown,)) & self._column("territory").among(territories)
        places = chosen.nonzero()[0]
        return self._frame.iloc[places].assign(**{name: self._column(name).at(places) for name in _LOOKED_AT})

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

    def _column(self, name: str) -> _Coded:
        if name not in self._coded:
            self._coded[name] = _Coded(self._frame[name])
        return self._coded[name]


class _Coded:
    """A column of texts as numbers: which rows hold one of some texts is then a comparison of numbers."""

    def __init__(self, column: pd.Series) -> None:
        import numpy as np
        import pandas as pd

        self._codes, texts = pd.factorize(column)
        self.texts: list[str] = [str(text) for text in texts]
        self._objects = np.array(self.texts, dtype=object)
        self._numbers = {text: number for number, text in enumerate(self.texts)}

    def among(self, texts: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Say for each row whether it holds one of the texts."""
        import numpy as np

        wanted = np.zeros(len(self.texts) + 1, dtype=bool)  # the last for rows without a text, which have number -1
        wanted[[self._numbers[text] for text in texts if text in self._numbers]] = True
        found: npt.NDArray[np.bool_] = wanted[self._codes]
        return found

    def at(self, places: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
        """Return the texts of some rows, as Python's own, each held once."""
        found: npt.NDArray[np.object_] = self._objects[self._codes[places]]
        return found
