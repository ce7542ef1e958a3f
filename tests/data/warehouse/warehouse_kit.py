"""A small kit: hand-made deliveries of invented data sets, and a catalogue of four indicators."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.data.delivery import (
    OBSERVATION_COLUMNS,
    OPERATION_COLUMNS,
    REFERENCE_COLUMNS,
    STRUCTURE_COLUMNS,
    TERRITORY_COLUMNS,
    Delivery,
    SourceFile,
    frame,
)
from evalkit.data.registry import Dataset
from evalkit.data.warehouse import AddResult, Warehouse
from evalkit.errors import DataError
from evalkit.model.indicator import Indicator
from evalkit.model.texts import LocalText

_FRAMES = {
    "observations": OBSERVATION_COLUMNS,
    "territories": TERRITORY_COLUMNS,
    "operations": OPERATION_COLUMNS,
    "structures": STRUCTURE_COLUMNS,
    "references": REFERENCE_COLUMNS,
}


def indicator(id: str, unit: str, **others: Any) -> Indicator:
    text = LocalText(id, id)
    given: dict[str, Any] = {
        "theme": "income", "polarity": "neutral", "kind": "context", "levels": ("qpv", "commune", "project"),
        "interval_method": "none", "disclosure": "none",
    }  # fmt: skip
    return Indicator(id=id, label=text, short_label=text, definition=text, unit=unit, **(given | others))


ROW = {"territory": "QP034005", "value": 57.8}


def ids(error: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [problem.code.id for problem in error.value.problems]


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


class Kit:
    """Makes deliveries, data sets and source files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalogue: dict[str, Indicator] = {
            item.id: item
            for item in (
                indicator("in_tp60", "percent", disclosure="insee_tax", multiplier=100, additive=True),
                indicator("in_med", "euro_per_year", disclosure="insee_tax"),
                indicator("in_gini", "ratio"),
                indicator("de_pop", "persons", additive=True, theme="demography"),
                indicator("em_register", "persons", additive=True, theme="employment", disclosure="dares"),
                indicator("ec_etab", "structures", disclosure="insee_business", additive=True),
                indicator("ho_prix", "euro_per_m2", disclosure="dgfip_dvf"),
            )
        }

    def open(self, name: str = "warehouse") -> Warehouse:
        return Warehouse.open(self.folder / name, create=True, catalogue=self.catalogue)

    def dataset(self, id: str = "alpha", **others: Any) -> Dataset:
        text = LocalText(f"Jeu {id}", f"Set {id}")
        given: dict[str, Any] = {
            "producer": "P", "licence": "L", "attribution": "A", "landing_page": "https://example.org", "geography": "2015",
            "disclosure": "none", "priority": 10, "adapter": "none:read",
        }  # fmt: skip
        return Dataset(id=id, title=text, publisher_label=text, **(given | others))

    def file(self, name: str = "a.csv", content: str = "a") -> SourceFile:
        return SourceFile(self.folder / name, hashlib.sha256(content.encode()).hexdigest())

    def rows(self, kind: str, rows: Iterable[Mapping[str, Any]], source: str, vintage: str) -> pd.DataFrame:
        default: dict[str, Any] = {
            "level": "qpv",
            "geography": "2015",
            "source": source,
            "vintage": vintage,
            "file_sha256": "f",
        }
        if kind == "observations":
            default |= {"indicator": "in_tp60", "period": "2020", "breakdown": "none"}
        if kind == "references":
            default = {"source": source, "vintage": vintage, "file_sha256": "f"}
        full = [default | dict(row) for row in rows]
        if kind == "observations":
            full = [{"status": "secret" if row.get("value") is None else "published"} | row for row in full]
        return frame(_FRAMES[kind], pd.DataFrame(full))

    def delivery(self, vintage: str = "2020", source: str = "alpha", **kinds: Iterable[Mapping[str, Any]]) -> Delivery:
        frames = {kind: self.rows(kind, rows, source, vintage) for kind, rows in kinds.items()}
        return Delivery(vintage, **frames)

    def add(
        self,
        warehouse: Warehouse,
        observations: Iterable[Mapping[str, Any]] = (),
        *,
        source: str = "alpha",
        vintage: str = "2020",
        file: str = "a.csv",
        content: str | None = None,
        priority: int = 10,
        **kinds: Any,
    ) -> AddResult:
        """Add rows as a delivery; the content of the source file is the rows unless said otherwise."""
        observations = list(observations)
        lists = kinds.pop("reference_lists", ())
        given = {name: list(rows) for name, rows in ({"observations": observations} | kinds).items() if rows}
        text = json.dumps(given, default=str) if content is None else content
        dataset = self.dataset(source, priority=priority, reference_lists=lists)
        return warehouse.add(self.delivery(vintage, source, **given), dataset, [self.file(file, text)])


def codes(count: int) -> list[str]:
    return [f"QP034{index:03d}" for index in range(1, count + 1)]


def parents(*keys: tuple[str, str, str]) -> str:
    return json.dumps(
        [{"level": level, "code": code, "geography": geography, "share": 1.0} for level, code, geography in keys]
    )
