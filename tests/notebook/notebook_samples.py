"""A hand-made world for the facade: thirty districts of one commune, a plan of a few lines, and what is displayed on the way."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.data.delivery import (
    OBSERVATION_COLUMNS,
    OPERATION_COLUMNS,
    STRUCTURE_COLUMNS,
    TERRITORY_COLUMNS,
    Delivery,
    SourceFile,
    frame,
)
from evalkit.data.registry import Dataset
from evalkit.data.warehouse import Warehouse
from evalkit.model.texts import LocalText
from evalkit.notebook import Evaluation, open_evaluation

OURS = "QP034001"
COMMUNE = "34172"
CODES = tuple(f"QP034{number:03d}" for number in range(1, 31))
OTHERS = CODES[1:]
INSIDE = CODES[:3]  # the districts of the commune; the others lie in communes that nobody asks about
SET = {"level": "qpv", "geography": "2015", "source": "alpha", "vintage": "2020", "file_sha256": "f"}

PLAN = """\
evaluation: essai
title: {fr: Un essai, en: A trial}
programme: {kind: contrat_de_ville, start: 2015, end: 2023, name: {fr: Le contrat, en: The contract}}
territories: {level: qpv, geography: 2015, codes: [QP034001]}
languages: [fr, en]
seed: 7
judgement: {fixed_on: 2026-03-01, before_results: true}
comparators:
  - {id: region, kind: territories, same: region_2015, label: {fr: les autres quartiers, en: the other districts}}
  - {id: commune, kind: parent, level: commune, label: {fr: la commune, en: the commune}}
  - {id: rest, kind: rest_of_parent, level: commune, label: {fr: le reste de la commune, en: the rest of the commune}}
templates: [{name: territory_portrait}]
"""
QUESTIONS = """\
questions:
  - id: Q1
    criterion: effectiveness
    text: {fr: La pauvreté recule-t-elle ?, en: Does poverty recede?}
    criteria:
      - id: C1
        text: {fr: Elle recule davantage., en: It recedes more.}
        indicator: in_tp60
        design: {method: before_after, comparator: region, from: 2012, to: 2015}
        met_if: "upper < 0"
        not_met_if: "lower > 0"
      - id: C2
        text: {fr: L'emploi est plus rare., en: Jobs are rarer.}
        indicator: em_emploi
        design: {method: gap, comparator: region, to: 2010}
        met_if: "upper < 0"
        not_met_if: "lower > 0"
indicators:
  - {id: in_tp60, role: primary}
  - {id: em_emploi, role: secondary}
  - {id: de_pop, role: context}
"""


class Tiny:
    """Collects rows, then opens the evaluation of a district on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.observations: list[dict[str, Any]] = []
        self.operations: list[dict[str, Any]] = []
        self.structures: list[dict[str, Any]] = []
        self.plan = PLAN + QUESTIONS
        self._warehouse: Warehouse | None = None

    @property
    def plan_file(self) -> Path:
        return self.folder / "evaluation.yaml"

    def put(self, indicator: str, period: str | int, values: Mapping[str, Any] | float, **more: Any) -> None:
        """Add one period of an indicator: `{code: value}`, or the value of our district; None is secret unless `status` is given."""
        given = values if isinstance(values, Mapping) else {OURS: values}
        for code, value in given.items():
            status = "secret" if value is None else "published"
            row = {"territory": code, "indicator": indicator, "period": str(period), "value": value, "status": status}
            self.observations.append({**SET, "breakdown": "none", **row, **more})

    def count(self, indicator: str, period: str | int, numerator: float, denominator: float, **more: Any) -> None:
        """Add a rate of our district with the counts that it is made of."""
        scale = more.pop("multiplier", 100)
        more = {"numerator": numerator, "denominator": denominator, **more}
        self.put(indicator, period, scale * numerator / denominator, **more)

    def spread(
        self, indicator: str, start: str | int, end: str | int, own: float, codes: Sequence[str] = OTHERS
    ) -> list[float]:
        """Give every district a start and an end: ours changes by `own`, the others by known amounts, which are returned."""
        changes = [round(0.4 * (number % 9 - 4), 1) for number in range(len(codes))]
        starts = {code: 40.0 + 0.37 * ((5 * number) % 28) for number, code in enumerate(codes)}
        ends = {code: starts[code] + change for code, change in zip(codes, changes, strict=True)}
        self.put(indicator, start, {OURS: 45.0, **starts})
        self.put(indicator, end, {OURS: 45.0 + own, **ends})
        return changes

    def operation(self, family: str = "demolition", **more: Any) -> None:
        base = {"id": f"O{len(self.operations)}", "territory": OURS, "programme": "p", "family": family, "label": "x"}
        money = {"cost_planned": 100.0, "cost_committed": 100.0, "cost_paid": 100.0}
        done = {"planned": 100.0, "committed": 100.0, "delivered": 100.0, "unit": "dwellings", "funder": "anru"}
        self.operations.append({**SET, **base, **money, **done, "start": "2010-01-01", **more})

    def structure(self, *, supported: bool = True, **more: Any) -> None:
        base = {"id": f"S{len(self.structures)}", "territory": OURS, "programme": "p", "family": "association"}
        life = {"created": "2012-01-01", "ended": None, "observed_until": "2020-12-31"}
        self.structures.append({**SET, **base, "supported": supported, **life, **more})

    @property
    def warehouse(self) -> Warehouse:
        if self._warehouse is None:
            self._warehouse = Warehouse.open(self.folder / "warehouse", create=True)
            frames = {
                "observations": (OBSERVATION_COLUMNS, self.observations),
                "territories": (TERRITORY_COLUMNS, list(_places())),
                "operations": (OPERATION_COLUMNS, self.operations),
                "structures": (STRUCTURE_COLUMNS, self.structures),
            }
            made = {kind: frame(columns, pd.DataFrame(rows)) for kind, (columns, rows) in frames.items() if rows}
            source = SourceFile(self.folder / "a.csv", hashlib.sha256(b"a").hexdigest())
            self._warehouse.add(Delivery("2020", **made), _dataset(), [source])
        return self._warehouse

    def open(self, territory: str = OURS, language: str = "fr", **more: Any) -> Evaluation:
        self.plan_file.write_text(self.plan, encoding="utf-8")
        return open_evaluation(self.plan_file, territory, language, warehouse=self.warehouse.root, **more)


def _dataset() -> Dataset:
    text = LocalText("Jeu alpha", "Set alpha")
    return Dataset(
        id="alpha", title=text, publisher_label=text, producer="P", licence="L", attribution="A",
        landing_page="https://example.org", geography="2015", disclosure="none", priority=10, adapter="none:read",
    )  # fmt: skip


def _places() -> Iterable[dict[str, Any]]:
    own = {**SET, "tags": "[]", "synthetic": False}
    region = {"level": "region", "code": "91", "geography": "2015", "share": 1.0}
    for code in CODES:
        commune = {
            "level": "commune",
            "code": COMMUNE if code in INSIDE else "34999",
            "geography": "2020",
            "share": 1.0,
        }
        yield {**own, "code": code, "name": f"Quartier {code[-2:]}", "parents": json.dumps([commune, region])}
    for code, name in ((COMMUNE, "Ville"), ("34999", "Ailleurs")):
        yield {**own, "code": code, "level": "commune", "geography": "2020", "name": name, "parents": "[]"}
    yield {**own, "code": "91", "level": "region", "name": "Région", "parents": "[]"}


class Shown:
    """What was displayed: every bundle, and the payloads of a kind."""

    def __init__(self) -> None:
        self.bundles: list[dict[str, Any]] = []

    def display(self, bundle: dict[str, Any], *, raw: bool = False) -> None:
        assert raw
        self.bundles.append(bundle)

    def of(self, kind: str) -> list[dict[str, Any]]:
        mime = f"application/vnd.evalkit.{kind}+json"
        return [bundle[mime] for bundle in self.bundles if mime in bundle]

    @property
    def finding(self) -> dict[str, Any]:
        """The last finding, as the table of findings holds it."""
        found: dict[str, Any] = self.of("finding")[-1]["finding"]
        return found

    @property
    def text(self) -> str:
        """Everything that leaves the notebook, as one text."""
        return json.dumps(self.bundles, ensure_ascii=False, default=str)


def numbers_in(text: str) -> list[str]:
    """Return the numbers of a sentence, without years and without the 60 % of the poverty line."""
    return [n for n in re.findall(r"\d+(?:[.,]\d+)?", re.sub(r"60\s?%", "", text)) if not re.fullmatch(r"20[012]\d", n)]
