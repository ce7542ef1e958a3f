"""The warehouse: every question that the rest of the house asks of data, and the two ways to change it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from evalkit.data.crosswalk import Crosswalk, crosswalk_path, read_crosswalk
from evalkit.data.warehouse import _adding
from evalkit.data.warehouse._adding import AddResult
from evalkit.data.warehouse._files import write_file, writing
from evalkit.data.warehouse._gazetteer import KnownPlaces, PlaceRow, as_frame, place_rows
from evalkit.data.warehouse._observations import (
    Wanted,
    counted,
    every_row,
    is_held,
    noted,
    observed_places,
    preferred_rows,
)
from evalkit.data.warehouse._record import DeliveryRecord, current, fingerprint_of, read_records
from evalkit.data.warehouse._rows import has_rows, operation_rows, reference_rows, source_rows, structure_rows
from evalkit.data.warehouse._schema import prepare
from evalkit.data.warehouse._selecting import choose
from evalkit.data.warehouse._territories import Ancestry, build_territory
from evalkit.data.warehouse._views import Views
from evalkit.model.territory import Parent, Territory

if TYPE_CHECKING:
    from evalkit.data.delivery import Delivery, SourceFile
    from evalkit.data.registry import Dataset
    from evalkit.model.indicator import Indicator
    from evalkit.model.plan import DataSource, Selection


_MANY = 1000  # more places than this are cheaper to read with their whole level
_OFTEN = 32  # and so are their ancestors, once as many were asked for one by one


class Warehouse:
    """All deliveries of official data, kept side by side; a reader sees those that were recorded when it was opened.

    Open it with `Warehouse.open(path)`. Codes are text everywhere; statuses travel with values. What cannot be read or
    written raises `DataError`.
    """

    def __init__(self, root: Path, catalogue: Mapping[str, Indicator] | None = None) -> None:
        self.root = root
        self._given_catalogue = catalogue
        self.records: tuple[DeliveryRecord, ...] = read_records(root)
        self._above: dict[tuple[str, str, str], tuple[Parent, ...]] = {}
        self._levels: dict[tuple[str, str], tuple[list[PlaceRow], Ancestry]] = {}
        self._known_places = KnownPlaces(lambda: self._views)
        self._chosen: dict[str, tuple[str, ...]] = {}
        self._asked: Counter[tuple[str, str]] = Counter()
        self._kept: dict[tuple[str | None, ...], pd.DataFrame] = {}
        self._known: dict[tuple[str | None, ...], bool] = {}
        self._ahead: dict[tuple[Wanted, tuple[DataSource, ...]], pd.DataFrame] = {}
        self._met: set[tuple[str, str, str]] = set()

    @classmethod
    def open(cls, path: Path | str, *, create: bool = False, catalogue: Mapping[str, Indicator] | None = None) -> Self:
        """Open the warehouse at `path`; with `create`, an empty folder becomes one. `catalogue` replaces evalkit's own."""
        root = Path(path).resolve()
        prepare(root, create=create)
        return cls(root, catalogue)

    def add(self, delivery: Delivery, dataset: Dataset, files: Sequence[SourceFile]) -> AddResult:
        """Keep a delivery beside the others; the same files again change nothing (`changed` is False)."""
        result = _adding.add(self.root, delivery, dataset, files, self.catalogue)
        self._refresh()
        return result

    def remove(self, dataset: str, vintage: str | None = None) -> tuple[DeliveryRecord, ...]:
        """Remove the deliveries of a data set, or of one of its vintages, and return their records."""
        gone = _adding.remove(self.root, dataset, vintage)
        self._refresh()
        return gone

    def _refresh(self) -> None:
        self.__dict__.pop("_views", None)
        for kept in (self._above, self._levels, self._kept, self._known, self._chosen, self._ahead):
            kept.clear()
        self._met.clear()
        self._known_places.forget()
        self.records = read_records(self.root)

    @functools.cached_property
    def catalogue(self) -> Mapping[str, Indicator]:
        """The indicator definitions that deliveries are checked against."""
        if self._given_catalogue is not None:
            return self._given_catalogue
        from evalkit.catalogue import load_catalogue

        return load_catalogue()

    @functools.cached_property
    def _views(self) -> Views:
        return Views(self.root, self.records)

    def _level(self, level: str, geography: str) -> tuple[list[PlaceRow], Ancestry]:
        """The merged rows of one level and vintage, and the ancestry of all of them, read once."""
        key = (level, geography)
        if key not in self._levels:
            rows = place_rows(self._views, level, geography, None, geometry=False)
            self._levels[key] = (rows, Ancestry(self._known_places.with_those_above(rows)))
        return self._levels[key]

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
        """Return one row for each (territory, level, geography, indicator, period, breakdown), None leaves a filter free.

        Where several sources hold the same key: the order of `sources` (a vintage pins it), then the priority of the
        data set, then the newest delivery.
        """
        wanted = _wanted(indicators, territories, level, geography, periods, breakdowns)
        ahead = self._ahead.pop((wanted, tuple(sources)), None)
        return preferred_rows(self._views, self.records, wanted, sources) if ahead is None else ahead

    def read_ahead(
        self,
        indicators: Sequence[str],
        territories: Sequence[str],
        level: str,
        geography: str,
        sources: Sequence[DataSource] = (),
    ) -> None:
        """Read several indicators in one query, which costs little more than one of them; `observations` of each is then answered from it, once."""
        rows = preferred_rows(
            self._views, self.records, _wanted(indicators, territories, level, geography, None, None), sources
        )
        found = {str(name): part.reset_index(drop=True) for name, part in rows.groupby("indicator", sort=False)}
        for name in indicators:
            alone = _wanted([name], territories, level, geography, None, None)
            self._ahead[alone, tuple(sources)] = found.get(name, rows.iloc[:0])
        for name, part in found.items():
            self._met |= {(name, breakdown, level) for breakdown in part["breakdown"].unique()}

    def all_observations(
        self,
        indicators: Sequence[str] | None = None,
        territories: Sequence[str] | None = None,
        level: str | None = None,
        geography: str | None = None,
        periods: Sequence[str] | None = None,
        breakdowns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return the rows of every delivery, with `dataset, delivery, delivery_vintage, sequence, priority, current`."""
        return every_row(self._views, _wanted(indicators, territories, level, geography, periods, breakdowns))

    def noted(self) -> pd.DataFrame:
        """Return `dataset, indicator, note, count`: the missing values that an adapter explained by a problem code."""
        return noted(self._views)

    def observed_places(self) -> pd.DataFrame:
        """Return `dataset, level, geography, territory`: which data set holds observations of which place."""
        return observed_places(self._views)

    def territory(self, level: str, code: str, geography: str) -> Territory | None:
        """Return a territory as all data sets together describe it, with its parents and theirs; None when no one knows it."""
        rows = self._known_places.of([code], level, geography)
        return build_territory(rows[0], self.ancestors(level, code, geography)) if rows else None

    def territories(
        self,
        level: str | None = None,
        geography: str | None = None,
        codes: Sequence[str] | None = None,
        *,
        geometry: bool = True,
    ) -> pd.DataFrame:
        """Return one row for each territory (TERRITORY_COLUMNS); without `geometry` the shapes are left out, which is faster."""
        return as_frame(place_rows(self._views, level, geography, codes, geometry=geometry))

    def ancestors(self, level: str, code: str, geography: str) -> tuple[Parent, ...]:
        """Return the parents of a territory and the parents of those, the direct ones first."""
        key = (level, code, geography)
        if key not in self._above:
            self._asked[level, geography] += 1
            if (level, geography) in self._levels or self._asked[level, geography] > _OFTEN:
                ancestry = self._level(level, geography)[1]
            else:
                ancestry = Ancestry(self._known_places.with_those_above(self._known_places.of([code])))
            self._above[key] = ancestry.of(*key)
        return self._above[key]

    def places(self, level: str, geography: str, codes: Sequence[str] | None = None) -> dict[str, Territory]:
        """Return the territories of one level and vintage by code, all of them or those that are named, with all their parents."""
        if codes is None or len(codes) > _MANY or (level, geography) in self._levels:
            rows, ancestry = self._level(level, geography)
        else:
            rows = self._known_places.of(codes, level, geography)
            ancestry = Ancestry(self._known_places.with_those_above(rows))
        wanted = None if codes is None else set(codes)
        return {
            row.code: build_territory(row, ancestry.of(level, row.code, geography))
            for row in rows
            if wanted is None or row.code in wanted
        }

    def name(self, level: str, code: str, geography: str) -> str:
        """Return the name of a territory, its code when no data set names it."""
        return next((row.name for row in self._known_places.of([code], level, geography)), code)

    def select(self, selection: Selection, level: str, geography: str) -> tuple[str, ...]:
        """Return the sorted codes that a selection asks for: every condition holds; a parent counts through its own parents too."""
        key = repr((selection, level, geography))
        if key not in self._chosen:
            self._chosen[key] = choose(self._views, self._known_places, selection, level, geography)
        return self._chosen[key]

    def geometries(self, level: str, geography: str, codes: Sequence[str]) -> dict[str, Any]:
        """Return the shapes (shapely, WGS84) of the named territories of one level and vintage that have one."""
        from shapely import from_wkb

        rows = place_rows(self._views, level, geography, tuple(codes))
        return {row.code: from_wkb(row.geometry) for row in rows if row.geometry is not None}

    def geometry(self, level: str, code: str, geography: str) -> Any:
        """Return the shape of a territory (shapely, WGS84), from the first data set by priority that has it, else None."""
        return self.geometries(level, geography, (code,)).get(code)

    def operations(
        self,
        territory: str | None = None,
        level: str | None = None,
        geography: str | None = None,
        programme: str | None = None,
    ) -> pd.DataFrame:
        """Return the funded actions (OPERATION_COLUMNS), each as its newest delivery tells it."""
        key = ("operations", territory, level, geography, programme)
        if key not in self._kept:
            self._kept[key] = operation_rows(
                self._views, territory=territory, level=level, geography=geography, programme=programme
            )
        return self._kept[key].copy()

    def structures(
        self,
        territory: str | None = None,
        level: str | None = None,
        geography: str | None = None,
        programme: str | None = None,
    ) -> pd.DataFrame:
        """Return the structures, supported or not (STRUCTURE_COLUMNS), each as its newest delivery tells it."""
        key = ("structures", territory, level, geography, programme)
        if key not in self._kept:
            self._kept[key] = structure_rows(
                self._views, territory=territory, level=level, geography=geography, programme=programme
            )
        return self._kept[key].copy()

    def references(self, list: str) -> pd.DataFrame:
        """Return a reference list (REFERENCE_COLUMNS), each code as its newest delivery tells it."""
        return reference_rows(self._views, list)

    def sources(self) -> pd.DataFrame:
        """Return one row for each delivery, oldest first: who published it, from which files, and whether it still counts."""
        return source_rows(self.records)

    def coverage(self) -> pd.DataFrame:
        """Return `indicator, level, geography, breakdown, period, status, dataset, count, territories` of the preferred rows."""
        return counted(self._views, self.records)

    def holds(self, indicator: str, breakdown: str, level: str) -> bool:
        """Say whether there are rows of an indicator, in a breakdown, for any territory of a level."""
        key = (indicator, breakdown, level)
        return key in self._met or is_held(self._views, self.records, *key)

    def has_records(self, kind: str, level: str, geography: str, territory: str | None = None) -> bool:
        """Say whether any `operations` or `structures` are known, of a level or of one territory."""
        key = (kind, territory, level, geography)
        if key not in self._known:
            self._known[key] = has_rows(self._views, kind, territory=territory, level=level, geography=geography)
        return self._known[key]

    def files(self, dataset: str) -> tuple[tuple[str, str], ...]:
        """Return the files (name, SHA-256) of the deliveries of a data set that still count, oldest first."""
        return tuple(file for record in current(self.records) if record.dataset == dataset for file in record.files)

    def fingerprint(self) -> str:
        """Return a hash of all that a query can return: equal fingerprints give equal answers."""
        return fingerprint_of(self.root, self.records)

    def add_crosswalk(self, path: Path | str) -> Crosswalk:
        """Keep a crosswalk table (CSV) so that values can be carried from one geography vintage to another."""
        table = read_crosswalk(Path(path))
        content = table.to_csv()
        with writing(self.root):
            write_file(crosswalk_path(self.root, *table.key), lambda handle: handle.write(content))
        return table

    def has_crosswalk(self, level: str, from_geography: str, to_geography: str) -> bool:
        """Say whether a crosswalk between two geography vintages of a level is there."""
        return crosswalk_path(self.root, level, from_geography, to_geography).is_file()

    def crosswalk(self, level: str, from_geography: str, to_geography: str) -> Crosswalk | None:
        """Return the crosswalk between two geography vintages of a level, None when there is none."""
        path = crosswalk_path(self.root, level, from_geography, to_geography)
        return read_crosswalk(path) if path.is_file() else None


def _wanted(
    indicators: Sequence[str] | None,
    territories: Sequence[str] | None,
    level: str | None,
    geography: str | None,
    periods: Sequence[str] | None,
    breakdowns: Sequence[str] | None,
) -> Wanted:
    lists = (None if item is None else tuple(item) for item in (indicators, territories, periods, breakdowns))
    first, second, third, fourth = lists
    return Wanted(first, second, level, geography, third, fourth)
