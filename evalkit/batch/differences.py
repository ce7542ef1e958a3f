"""What changed between two runs of an evaluation: each finding of the one set beside that of the other, with a class that can be proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evalkit.runs import Manifest, RunFolder, read_findings, read_manifest
from evalkit.text import Message, msg

if TYPE_CHECKING:
    import pandas as pd

CLASSES: Mapping[str, Message] = {
    "unchanged": msg("unchanged"),
    "revised": msg("revised: the data changed"),
    "method": msg("method: the template, the plan, evalkit or its packages changed"),
    "revised_and_method": msg("both the data and the method changed"),
    "status": msg("status: the verdict, the evidence or the publication changed, not the value"),
    "new": msg("new"),
    "dropped": msg("dropped"),
    "unexplained": msg("unexplained: the value changed, and neither the data nor the method did"),
}
_KEY = ["territory", "template", "lang", "indicator", "breakdown", "criterion", "kind", "comparator", "period"]
_VALUES = ("value", "lower", "upper", "comparator_value", "n")
_STATUS = ("status", "verdict", "grade", "data_quality")
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Difference:
    """One finding in two runs: its key, its class, and both values."""

    key: Mapping[str, Any]
    kind: str
    before: float | None
    after: float | None


def compare_runs(first: RunFolder, second: RunFolder) -> list[Difference]:
    """Return the difference of every finding of two runs, sorted by its key.

    Whether the data changed is told by the hashes of the files of the finding's data set in both manifests and by the vintage; whether
    the method changed, by the method, the template, the plan, evalkit and the packages. What neither explains is called unexplained.
    """
    manifests = read_manifest(first), read_manifest(second)
    rows = _beside(read_findings(first), read_findings(second))
    return [_difference(row, *manifests) for row in rows]


def counts(differences: list[Difference]) -> dict[str, int]:
    """Return how many findings are in each class that occurs, in the order of the classes."""
    found = Counter(item.kind for item in differences)
    return {kind: found[kind] for kind in CLASSES if found[kind]}


def _beside(first: pd.DataFrame, second: pd.DataFrame) -> list[dict[str, Any]]:
    numbered = []
    for frame in (first, second):
        keyed = frame.copy()
        keyed[_KEY] = keyed[_KEY].fillna("")
        keyed["number"] = keyed.groupby(_KEY, sort=False).cumcount()  # a finding that is recorded twice
        numbered.append(keyed)
    both = numbered[0].merge(numbered[1], on=[*_KEY, "number"], how="outer", suffixes=("_a", "_b"), indicator="side")
    both["side"] = both["side"].astype(str)
    rows: list[dict[str, Any]] = both.sort_values([*_KEY, "number"], kind="stable").to_dict("records")  # type: ignore[assignment]
    return rows


def _difference(row: Mapping[str, Any], first: Manifest | None, second: Manifest | None) -> Difference:
    key = {name: row[name] or None for name in _KEY}
    before, after = _number(row["value_a"]), _number(row["value_b"])
    if row["side"] != "both":
        return Difference(key, "dropped" if row["side"] == "left_only" else "new", before, after)
    if any(_moved(row[f"{name}_a"], row[f"{name}_b"]) for name in _VALUES):
        data = row["vintage_a"] != row["vintage_b"] or _files(first, row["source_a"]) != _files(second, row["source_b"])
        method = row["method_a"] != row["method_b"] or _made_by(first, row) != _made_by(second, row)
        kinds = {(True, False): "revised", (False, True): "method", (True, True): "revised_and_method"}
        return Difference(key, kinds.get((bool(data), bool(method)), "unexplained"), before, after)
    changed = any(_text(row[f"{name}_a"]) != _text(row[f"{name}_b"]) for name in _STATUS)
    return Difference(key, "status" if changed else "unchanged", before, after)


def _moved(before: object, after: object) -> bool:
    one, two = _number(before), _number(after)
    if one is None or two is None:
        return one is not two
    return abs(one - two) > _TOLERANCE * max(1.0, abs(one), abs(two))


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _files(manifest: Manifest | None, dataset: object) -> set[str]:
    """Return the hashes of the files of a data set; a finding that names no data set may come from any."""
    rows = [] if manifest is None else manifest.data
    return {
        str(file[1])
        for row in rows
        if row.get("current", True) and (not dataset or row.get("dataset") == dataset)
        for file in row.get("files", [])
    }


def _made_by(manifest: Manifest | None, row: Mapping[str, Any]) -> tuple[Any, ...]:
    if manifest is None:
        return ()
    return (
        manifest.templates.get(row["template"]),
        manifest.plan_sha256,
        manifest.evalkit,
        manifest.git_commit,
        manifest.packages,
    )
